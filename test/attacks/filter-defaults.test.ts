/**
 * A filter that nobody writes: where the schema's default says which field is searched or sorted by,
 * a caller leaves that out and finds the classified field by the rest, `found(startsWith: "9")`.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { type TestCaller, testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query {
    sorted(orderBy: [Column!] = [name, ssn], first: Int): [Employee!]
    found(by: Match, field: Column = ssn, startsWith: String): [Employee!]
    matched(by: Match, all: All = { by: [{ startsWith: "9" }] }): [Employee!]
    plain(by: Column = name, ssnOnly: Boolean): [Employee!]
  }
  enum Column { id name ssn }
  input Match { field: Column! = ssn startsWith: String }
  input All { by: [Match!] }
  interface Named { ranked(by: Column = ssn, first: Int): String }
  type Employee implements Named { id: ID! name: String ssn: String ranked(by: Column = ssn, first: Int): String }
`;
const employee = { id: '1', name: 'Ada', ssn: '9471', ranked: 'r' };
const root = { sorted: [employee], found: [employee], matched: [employee], plain: [employee] };
const rulesWith = (outcome: string) => `
version: 1
rules:
  - { name: open, fields: { Query: [sorted, found, matched, plain], Employee: [id, name, ranked] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Employee: [ssn] }, allow: { scopes: [ssn] }, otherwise: [${outcome}] }
`;
const upstreams = { hr: played(sdl, root) };
const gateway = await testGateway({ upstreams, rules: rulesWith('deny') });
const clerk: TestCaller = { scopes: ['ssn'] };

beforeEach(() => {
  gateway.requests.length = 0;
});

interface Case {
  name: string;
  query: string;
  variables?: Record<string, unknown>;
  coordinate: string;
}
const cases: Case[] = [
  { name: 'an order', query: '{ sorted { id } }', coordinate: 'Query.sorted(orderBy:)' },
  {
    name: 'a field to search, by the rest',
    query: '{ found(startsWith: "9") { id } }',
    coordinate: 'Query.found(field:)',
  },
  {
    name: 'a variable without a value',
    query: 'query ($f: Column) { found(field: $f, startsWith: "9") { id } }',
    coordinate: 'Query.found(field:)',
  },
  {
    name: 'an input object',
    query: '{ found(field: name, by: { startsWith: "9" }) { id } }',
    coordinate: 'Match.field',
  },
  {
    name: 'an input object by a variable',
    query: 'query ($m: Match) { found(field: name, by: $m) { id } }',
    variables: { m: { startsWith: '9' } },
    coordinate: 'Match.field',
  },
  {
    name: "an input object as a variable's default",
    query: 'query ($m: Match = { startsWith: "9" }) { found(field: name, by: $m) { id } }',
    coordinate: 'Match.field',
  },
  {
    name: 'one for a list, below',
    query: 'query ($a: All) { matched(all: $a) { id } }',
    variables: { a: { by: { startsWith: '9' } } },
    coordinate: 'Match.field',
  },
  {
    name: 'an object that is a default',
    query: '{ matched { id } }',
    coordinate: 'Query.matched(all:)',
  },
  {
    name: 'an argument further down',
    query: '{ plain { ranked(first: 1) } }',
    coordinate: 'Employee.ranked(by:)',
  },
];

describe('a default that chooses a classified field', () => {
  it.each(cases)('needs its grant: $name', async ({ query, variables, coordinate }) => {
    const about = variables === undefined ? {} : { variables };
    const { body } = await gateway.query(query, about);
    expect(body.errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'FORBIDDEN', coordinate },
    ]);
    expect(gateway.requests.map((one) => one.query).join()).not.toMatch(
      /found|sorted|matched|ranked/,
    );
    const granted = await gateway.query(query, { ...about, as: clerk });
    expect(granted.body.errors).toBeUndefined();
    expect(gateway.records.at(-1)?.engineReason).toBeUndefined();
  });

  it('is out of the way where another value is given, and where it chooses nothing', async () => {
    for (const query of [
      '{ sorted(orderBy: name) { id } }',
      '{ found(field: id, startsWith: "9") { id } }',
      '{ found(field: id, by: { field: name, startsWith: "9" }) { id } }',
      '{ plain { id ranked(by: id) } }',
      '{ matched(all: null) { id } }',
    ]) {
      expect([query, (await gateway.query(query)).body.errors]).toEqual([query, undefined]);
    }
  });

  it.each([
    ['hide', 200],
    ['reject', 403],
  ])('is refused where the field is to %s', async (outcome, status) => {
    const strict = await testGateway({ upstreams, rules: rulesWith(outcome) });
    const answer = await strict.query('{ found(startsWith: "9") { id } }');
    expect([answer.status, answer.body.errors?.[0]?.extensions.code]).toEqual([
      status,
      'FORBIDDEN',
    ]);
    expect(answer.text).not.toContain('ssn');
    expect(strict.requests).toEqual([]);
  });

  it.each([
    ['deny', 'STEP_UP_REQUIRED'],
    ['hide', 'FORBIDDEN'],
  ])('asks for a sign-in only where it may speak of it: %s', async (outcome, code) => {
    const rules = rulesWith(outcome).replace('scopes: [ssn]', 'auth: { acr: [mfa] }');
    const asking = await testGateway({ upstreams, rules });
    const { body, text } = await asking.query('{ sorted { id } }', { as: {} });
    expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual([code]);
    expect(text.includes('mfa')).toBe(outcome === 'deny');
  });

  it.each([
    ['deny', 'STEP_UP_REQUIRED'],
    ['hide', 'FORBIDDEN'],
  ])('nor does what is given beside it ask for one: %s', async (outcome, code) => {
    const sdl = `type Query { sorted(by: Column = ssn, city: String): [Employee!] }
      enum Column { id ssn }
      type Employee { id: ID! ssn: String }`;
    const signed = 'auth: { acr: [mfa] }';
    const asking = await testGateway({
      upstreams: { hr: played(sdl, { sorted: [employee] }) },
      rules: `
version: 1
rules:
  - { name: open, fields: { Query: [sorted], Employee: [id] }, allow: everyone }
  - { name: city, fields: { Query: ["sorted(city:)"] }, allow: { ${signed} } }
  - { name: ids, class: government-id, fields: { Employee: [ssn] }, allow: { ${signed} }, otherwise: [${outcome}] }
`,
    });
    const { body } = await asking.query('{ sorted(city: "x") { id } }', { as: {} });
    expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual([code]);
  });

  it('needs the grants of all that it chooses, any one of each', async () => {
    const both = await testGateway({
      upstreams: {
        hr: played(
          `type Query { sorted(by: [Column!] = [ssn, pay], to: Column): [Employee!] }
          enum Column { id ssn pay }
          type Employee { id: ID! ssn: String pay: Int }`,
          { sorted: [employee] },
        ),
      },
      rules: `
version: 1
rules:
  - { name: open, fields: { Query: [sorted], Employee: [id] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Employee: [ssn] }, allow: { scopes: [ssn] } }
  - { name: pay, class: pay, fields: { Employee: [pay] }, allow: { scopes: [pay] } }
  - { name: board, fields: { Employee: [pay, ssn] }, allow: { roles: [board] } }
`,
    });
    const mayOf = async (as: TestCaller) => {
      const { body } = await both.query('{ sorted { id } }', { as });
      return body.errors === undefined;
    };
    expect(await mayOf({ scopes: ['ssn', 'pay'] })).toBe(true);
    expect(await mayOf({ roles: ['board'] })).toBe(true);
    for (const scopes of [['ssn'], ['pay'], []]) expect(await mayOf({ scopes })).toBe(false);
  });

  it('is open where a rule names the value', async () => {
    const named = `${rulesWith('deny')}  - { name: by-ssn, fields: { Column: [ssn] }, allow: everyone }\n`;
    const opened = await testGateway({ upstreams, rules: named });
    const { body } = await opened.query('{ found(startsWith: "9") { id } }');
    expect(body.errors).toBeUndefined();
  });

  it('is held back by the second lock where the first is out', async () => {
    const open = await testGateway({
      upstreams,
      rules: rulesWith('deny'),
      decide: ({ grants: [first] }) => ({ kind: 'allow', rule: first?.rule as never }),
    });
    for (const query of ['{ found(startsWith: "9") { id } }', '{ sorted { id } }']) {
      const { body } = await open.query(query);
      expect(JSON.stringify(body)).not.toContain('"1"');
    }
    expect(open.requests).toEqual([]);
  });
});
