/**
 * The gateway as an oracle: suggestions that name hidden fields, introspection that lists them,
 * and error texts that repeat what a caller wrote, so that an SSN ends up in somebody's log.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { type QueryOptions, testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query { employee(id: ID, nth: Int, status: Status, filter: Filter, on: Date): Employee }
  type Mutation { update(input: Changes!): Employee }
  type Employee { id: ID! name: String salary: Int badge: Badge }
  type Badge { code: String }
  enum Status { ACTIVE LEFT }
  input Filter { name: String nth: Int ids: [Int!] inner: Filter }
  input Changes { name: String salary: Int grade: Grade }
  enum Grade { A }
  scalar Date
`;
const upstreams = { hr: played(sdl, { employee: { id: '1', name: 'Ada', salary: 7777 } }) };
const rules = `
version: 1
rules:
  - name: open
    fields: { Query: [employee], Employee: [id, name], Mutation: [update], Changes: [name] }
    allow: everyone
`;
const gateway = await testGateway({ upstreams, rules });
const closed = await testGateway({ upstreams, rules, introspection: 'authenticated' });
const silent = await testGateway({ upstreams, rules, introspection: 'nobody' });

beforeEach(() => {
  for (const one of [gateway, closed, silent]) {
    one.requests.length = 0;
    one.records.length = 0;
  }
});

const reasonOf = (one: typeof gateway) => one.records[0]?.refusal?.reason;

describe('suggestions', () => {
  const cases = [
    { name: 'a hidden field', given: '{ employee { salar } }', hidden: 'salary' },
    { name: 'a hidden field by its name', given: '{ employee { salary } }', hidden: undefined },
    { name: 'a known field', given: '{ employee { nam } }', hidden: '"name"' },
    { name: 'an argument', given: '{ employee(statu: LEFT) { id } }', hidden: '"status"' },
    { name: 'an enum value', given: '{ employee(status: LEF) { id } }', hidden: 'LEFT' },
    { name: 'a type', given: '{ employee { ... on Badg { code } } }', hidden: 'Badge' },
    { name: 'a hidden type', given: '{ employee { ... on Badge { code } } }', hidden: undefined },
    {
      name: 'a hidden input field',
      given: 'mutation { update(input: { salar: 1 }) { id } }',
      hidden: 'salary',
    },
  ];

  it('are made by the obvious gateway', async () => {
    const { text } = await obvious({ upstreams }).query('{ employee { salar } }');
    expect(text).toContain('Did you mean \\"salary\\"');
  });

  it.each(cases)('are not made: $name', async ({ given, hidden }) => {
    const { text } = await gateway.query(given);
    expect(reasonOf(gateway)).toBe('limits/invalid');
    expect(text).not.toContain('Did you mean');
    if (hidden !== undefined) expect(text).not.toContain(hidden);
  });

  it('hidden and absent are told apart by nothing', async () => {
    const hidden = await gateway.query('{ employee { salary } }');
    const absent = await gateway.query('{ employee { celery } }');
    expect(hidden.text).toBe(absent.text.replaceAll('celery', 'salary'));
  });
});

describe('introspection', () => {
  const fieldsOf = '{ __type(name: "Employee") { fields { name } } }';

  it('lists everything in the obvious gateway', async () => {
    expect((await obvious({ upstreams }).query(fieldsOf)).text).toContain('salary');
  });

  it('lists what a rule grants and nothing else', async () => {
    const { body } = await gateway.query(fieldsOf);
    const fields = [{ name: 'id' }, { name: 'name' }];
    expect(body).toEqual({ data: { __type: { fields } } });
  });

  const cases = [
    { name: 'a hidden type', given: 'Badge', expect: null },
    { name: 'a type behind a hidden input field', given: 'Grade', expect: null },
    { name: 'a type that is not there', given: 'Celery', expect: null },
    { name: 'an input', given: 'Changes', expect: { inputFields: [{ name: 'name' }] } },
  ];
  it.each(cases)('knows $name only as far as callers do', async ({ given, expect: type }) => {
    const query = 'query ($name: String!) { __type(name: $name) { inputFields { name } } }';
    const { body } = await gateway.query(query, { variables: { name: given } });
    expect(body).toEqual({ data: { __type: type } });
  });

  const spellings = [
    '{ __schema { queryType { name } } }',
    '{ employee { id } nothing: __type(name: "Employee") { name } }',
    '{ ...F } fragment F on Query { ... { employee: __schema { queryType { name } } } }',
    'query ($yes: Boolean = true) { __schema @include(if: $yes) { queryType { name } } }',
  ];
  it.each(spellings)('is refused before anything runs: %s', async (given) => {
    for (const one of [closed, silent]) {
      const { status, body } = await one.query(given);
      expect([status, body.data, reasonOf(one)]).toEqual([
        403,
        undefined,
        'authorize/introspection',
      ]);
      expect(one.requests).toEqual([]);
    }
  });

  it('is for authenticated callers where it is, and for nobody where nobody has it', async () => {
    const as = { scopes: [] };
    expect((await closed.query(fieldsOf, { as })).status).toBe(200);
    expect((await silent.query(fieldsOf, { as })).status).toBe(403);
  });

  it('that is not included, and type names, are for everyone', async () => {
    const given = '{ employee { __typename } __schema @skip(if: true) { queryType { name } } }';
    const { body } = await silent.query(given);
    expect(body).toEqual({ data: { employee: { __typename: 'Employee' } } });
  });
});

describe('what a caller wrote', () => {
  const ssn = '900-11-1111';
  const word = 'SSN_900111111';
  const number = '900111111';
  const cases: { name: string; given: string; about?: QueryOptions }[] = [
    { name: 'a literal for Int', given: `{ employee(nth: "${ssn}") { id } }` },
    { name: 'too large an Int', given: `{ employee(nth: ${number}000) { id } }` },
    { name: 'a number for text', given: `{ employee(filter: { name: ${number} }) { id } }` },
    { name: 'in an input', given: `{ employee(filter: { inner: { nth: "${ssn}" } }) { id } }` },
    { name: 'in a list', given: `{ employee(filter: { ids: [1, "${ssn}"] }) { id } }` },
    { name: 'a text for an input', given: `{ employee(filter: "${ssn}") { id } }` },
    { name: 'a text for an enum', given: `{ employee(status: "${ssn}") { id } }` },
    { name: 'an enum value', given: `{ employee(status: ${word}) { id } }` },
    { name: 'an enum for text', given: `{ employee(filter: { name: ${word} }) { id } }` },
    { name: 'a literal in a directive', given: `{ employee @skip(if: "${ssn}") { id } }` },
    { name: 'a literal on a leaf', given: `{ employee { id(ssn: "${ssn}") } }` },
    { name: 'a literal with an unknown name', given: `{ employee(ssn: "${ssn}") { id } }` },
    {
      name: 'two literals that differ',
      given: `{ employee(id: "${ssn}") { id } employee(id: "1") { id } }`,
    },
    { name: 'a default', given: `query ($n: Int = "${ssn}") { employee(nth: $n) { id } }` },
    {
      name: 'a default enum value',
      given: `query ($s: Status = ${word}) { employee(status: $s) { id } }`,
    },
    { name: 'an unused default', given: `query ($n: String = "${ssn}") { employee { id } }` },
    { name: 'half a literal', given: `{ employee(id: "${ssn}` },
    { name: 'a literal where none belongs', given: `{ employee "${ssn}" { id } }` },
    { name: 'a block literal', given: `{ employee(nth: """${ssn}""") { id } }` },
    { name: 'a comment', given: `{ employee { salary } # ${ssn}\n}` },
    {
      name: 'a variable for Int',
      given: 'query ($n: Int) { employee(nth: $n) { id } }',
      about: { variables: { n: ssn } },
    },
    {
      name: 'a variable for an enum',
      given: 'query ($s: Status) { employee(status: $s) { id } }',
      about: { variables: { s: word } },
    },
    {
      name: 'a key in a variable',
      given: 'query ($f: Filter) { employee(filter: $f) { id } }',
      about: { variables: { f: { [ssn]: 1, inner: { nth: ssn } } } },
    },
    {
      name: 'an operation that is not there',
      given: '{ employee { id } }',
      about: { operationName: word },
    },
    { name: 'the operation of an unknown field', given: `query ${word} { employee { salary } }` },
    {
      name: 'the operation of an unused variable',
      given: `query ${word}($n: Int) { employee { id } }`,
    },
    {
      name: 'the operation of an unknown variable',
      given: `query ${word} { employee(nth: $n) { id } }`,
    },
    {
      name: 'an operation there twice',
      given: `query ${word} { employee { id } } query ${word} { employee { id } }`,
      about: { operationName: word },
    },
  ];

  it('is repeated by the obvious gateway', async () => {
    const open = obvious({ upstreams });
    const repeating = cases.slice(0, 5);
    for (const { given } of repeating)
      expect((await open.query(given)).text).toMatch(/900-?11-?1111/);
  });

  it.each(cases)('is in no answer and no record: $name', async ({ given, about }) => {
    const { status, text } = await gateway.query(given, about);
    expect(status).toBeLessThan(500);
    expect(reasonOf(gateway)).toMatch(/^limits\//);
    expect(text + JSON.stringify(gateway.records)).not.toMatch(/900-?11-?1111/);
    expect(gateway.requests).toEqual([]);
  });

  it('is in no error of an upstream that repeats it', async () => {
    const broken = await testGateway({
      rules,
      upstreams: {
        hr: { sdl, answer: (sent) => ({ errors: [{ message: JSON.stringify(sent) }] }) },
      },
    });
    const { text } = await broken.query(`query ${word} { employee(id: "${ssn}") { id } }`);
    expect(JSON.stringify(broken.requests)).toContain(ssn);
    expect(JSON.stringify(broken.requests)).not.toContain(word);
    expect(text + JSON.stringify(broken.records)).not.toMatch(/900-?11-?1111/);
  });
});
