/**
 * A denied field is read through an argument that filters or sorts by it: 76 requests recover an
 * SSN. A rule on an argument, an input field or an enum value holds in every spelling of it.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { type QueryOptions, testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query {
    employees(ssn: String, filter: Filter, any: [Filter!], sort: Sort, sorts: [Sort!], by: By = {}): [Employee!]!
    ranked(sort: Sort = SALARY, filter: Filter = { name: "x" }): [Employee!]!
    people: [Person!]!
  }
  interface Person { id: ID! bonus(year: Int): Int }
  type Employee implements Person { id: ID! ssn: String bonus(year: Int): Int }
  input Filter { name: String ssn: String not: Filter all: [Filter!] sort: Sort }
  input By { sort: Sort = SALARY name: String }
  enum Sort { NAME SALARY }
`;
const row = { __typename: 'Employee', id: '1', ssn: '900-11-1111', bonus: 5 };
const upstreams = {
  hr: played(sdl, {
    employees: ({ ssn }: { ssn?: string }) => (ssn === undefined || ssn === row.ssn ? [row] : []),
    ranked: [row],
    people: [row],
  }),
};
const gateway = await testGateway({
  upstreams,
  rules: `
version: 1
rules:
  - name: open
    fields: { Query: [employees, ranked, people], Employee: [id, bonus], Person: [id, bonus] }
    allow: everyone
  - name: ids
    fields: { Employee: [ssn], Query: ["employees(ssn:)"], Filter: [ssn] }
    allow: { scopes: [ssn] }
  - { name: pay, fields: { Sort: [SALARY] }, allow: { scopes: [pay] } }
  - { name: years, fields: { Person: ["bonus(year:)"] }, allow: { scopes: [pay] } }
`,
});

beforeEach(() => {
  gateway.requests.length = 0;
  gateway.records.length = 0;
});

interface Case {
  name: string;
  given: string;
  variables?: Record<string, unknown>;
  coordinate?: string;
}
const about = ({ variables }: Case): QueryOptions => (variables === undefined ? {} : { variables });
const rows = (use: string, declared = '') => `query ${declared} { employees(${use}) { id } }`;

const argument = 'Query.employees(ssn:)';
const salary = 'Sort.SALARY';
const ssn = 'Filter.ssn';
const value = '900-11-1111';
const used: Case[] = [
  { name: 'an argument', given: rows(`ssn: "${value}"`), coordinate: argument },
  { name: 'an argument that is null', given: rows('ssn: null'), coordinate: argument },
  {
    name: 'an argument by a variable',
    given: rows('ssn: $s', '($s: String)'),
    variables: { s: value },
    coordinate: argument,
  },
  {
    name: 'an argument by a variable that is null',
    given: rows('ssn: $s', '($s: String)'),
    variables: { s: null },
    coordinate: argument,
  },
  {
    name: 'an argument by a default',
    given: rows('ssn: $s', `($s: String = "${value}")`),
    coordinate: argument,
  },
  {
    name: 'an argument under an alias',
    given: `{ id: employees(ssn: "${value}") { id } }`,
    coordinate: argument,
  },
  {
    name: 'an argument in a fragment',
    given: `{ ...F } fragment F on Query { ... { employees(ssn: "${value}") { id } } }`,
    coordinate: argument,
  },
  { name: 'an input field', given: rows(`filter: { ssn: "${value}" }`), coordinate: ssn },
  { name: 'a nested one', given: rows(`filter: { not: { not: { ssn: "x" } } }`), coordinate: ssn },
  { name: 'in a list', given: rows('any: [{ name: "x" }, { ssn: "x" }]'), coordinate: ssn },
  { name: 'in what becomes a list', given: rows('any: { ssn: "x" }'), coordinate: ssn },
  { name: 'in a list in it', given: rows('filter: { all: [{ ssn: "x" }] }'), coordinate: ssn },
  {
    name: 'an input field by a variable',
    given: rows('filter: { ssn: $s }', '($s: String)'),
    variables: { s: value },
    coordinate: ssn,
  },
  {
    name: 'an input by a variable',
    given: rows('filter: $f', '($f: Filter)'),
    variables: { f: { not: { ssn: value } } },
    coordinate: ssn,
  },
  {
    name: 'an input by a default',
    given: rows('filter: $f', '($f: Filter = { all: { ssn: "x" } })'),
    coordinate: ssn,
  },
  {
    name: 'a variable in an input in a list',
    given: rows('filter: { all: [{ not: $f }] }', '($f: Filter)'),
    variables: { f: { ssn: null } },
    coordinate: ssn,
  },
  {
    name: 'a list by a variable',
    given: rows('any: $f', '($f: [Filter!])'),
    variables: { f: [{ name: 'x' }, { ssn: 'x' }] },
    coordinate: ssn,
  },
  {
    name: 'one for a list by a variable',
    given: rows('any: $f', '($f: [Filter!])'),
    variables: { f: { ssn: 'x' } },
    coordinate: ssn,
  },
  {
    name: 'an item by a variable',
    given: rows('any: [$f]', '($f: Filter!)'),
    variables: { f: { ssn: 'x' } },
    coordinate: ssn,
  },
  { name: 'an enum value', given: rows('sort: SALARY'), coordinate: salary },
  { name: 'an enum value in a list', given: rows('sorts: [NAME, SALARY]'), coordinate: salary },
  { name: 'an enum value for a list', given: rows('sorts: SALARY'), coordinate: salary },
  {
    name: 'an enum value in an input',
    given: rows('filter: { sort: SALARY }'),
    coordinate: salary,
  },
  {
    name: 'an enum value by a variable',
    given: rows('sort: $s', '($s: Sort)'),
    variables: { s: 'SALARY' },
    coordinate: salary,
  },
  {
    name: 'an enum value by a default',
    given: rows('sort: $s', '($s: Sort = SALARY)'),
    coordinate: salary,
  },
  {
    name: 'enum values by a variable',
    given: rows('sorts: $s', '($s: [Sort!])'),
    variables: { s: ['NAME', 'SALARY'] },
    coordinate: salary,
  },
  {
    name: 'an enum value in an input by a variable',
    given: rows('filter: $f', '($f: Filter)'),
    variables: { f: { sort: 'SALARY' } },
    coordinate: salary,
  },
];

describe('a governed input', () => {
  it('is an oracle in the obvious gateway', async () => {
    const open = obvious({
      upstreams,
      rules: ({ scope }) => ({ Employee: { ssn: scope('ssn') } }),
    });
    const right = await open.query(rows(`ssn: "${value}"`));
    const wrong = await open.query(rows('ssn: "900-00-0000"'));
    expect([right.body.data, wrong.body.data]).toEqual([
      { employees: [{ id: '1' }] },
      { employees: [] },
    ]);
  });

  it.each(used)('closes the field that it is given to: $name', async (one) => {
    const { body } = await gateway.query(one.given, about(one));
    expect(Object.values(body.data ?? {})).toEqual([null]);
    expect(body.errors?.map((error) => error.extensions)).toEqual([
      { code: 'FORBIDDEN', coordinate: one.coordinate },
    ]);
    expect(gateway.requests).toEqual([]);
  });

  it.each(used)('is open to who may: $name', async (one) => {
    const as = { scopes: ['ssn', 'pay'] };
    const { body, status } = await gateway.query(one.given, { ...about(one), as });
    expect([status, body.errors]).toEqual([200, undefined]);
    expect(gateway.requests).toHaveLength(1);
  });

  it('on an interface holds at its types', async () => {
    for (const given of [
      '{ people { bonus(year: 2020) } }',
      '{ people { ... on Employee { bonus(year: 2020) } } }',
      'query ($y: Int = 2020) { employees { bonus(year: $y) } }',
    ]) {
      const { body } = await gateway.query(given);
      expect(body.errors?.map((error) => error.extensions.coordinate)).toEqual([
        'Employee.bonus(year:)',
      ]);
    }
    expect(gateway.requests.map(({ query }) => query).join()).not.toContain('bonus');
  });
});

const unused: Case[] = [
  { name: 'no argument', given: '{ employees { id } }' },
  { name: 'other values', given: rows('sort: NAME, filter: { name: "x", sort: NAME }') },
  { name: 'an absent variable', given: rows('ssn: $s', '($s: String)') },
  { name: 'an absent variable in an input', given: rows('filter: { ssn: $s }', '($s: String)') },
  { name: 'an absent enum variable', given: rows('sort: $s', '($s: Sort)') },
  { name: 'an absent input', given: rows('filter: $f', '($f: Filter)') },
  {
    name: 'another enum value',
    given: rows('sort: $s', '($s: Sort = SALARY)'),
    variables: { s: 'NAME' },
  },
  { name: 'the values in a text', given: rows('filter: { name: "SALARY ssn" }') },
  { name: 'a field without its argument', given: '{ people { bonus } }' },
  { name: "the schema's own default", given: '{ ranked { id } }' },
  { name: "an input's own default", given: rows('by: {}') },
  {
    name: "an input's own default, by a variable",
    given: rows('by: $b', '($b: By)'),
    variables: { b: {} },
  },
];

describe('what uses no governed input', () => {
  it.each(unused)('is answered: $name', async (one) => {
    const { body } = await gateway.query(one.given, about(one));
    expect(body.errors).toBeUndefined();
    expect(gateway.requests).toHaveLength(1);
  });

  it('and what does never share a plan', async () => {
    const query = rows('ssn: $s, sort: $o', '($s: String, $o: Sort)');
    const variants = [
      { given: {}, open: true },
      { given: { s: value }, open: false },
      { given: { o: 'NAME' }, open: true },
      { given: { o: 'SALARY' }, open: false },
      { given: { s: null }, open: false },
    ];
    for (const { given, open } of [...variants, ...variants.toReversed()]) {
      const { body } = await gateway.query(query, { variables: given });
      expect([given, body.errors === undefined]).toEqual([given, open]);
    }
  });
});

it('which of two variables is left out is asked of every request, whatever was planned before', async () => {
  const query = `query ($a: String, $b: String) { a: employees(ssn: $a) { id } b: employees(ssn: $b) { id } }`;
  const people = [{ id: '1' }];
  // Three times: planned, kept, and from what is kept.
  for (let turn = 0; turn < 3; turn += 1) {
    const a = await gateway.query(query, { variables: { a: value } });
    const b = await gateway.query(query, { variables: { b: value } });
    expect(a.body).toMatchObject({ data: { a: null, b: people }, errors: [{ path: ['a'] }] });
    expect(b.body).toMatchObject({ data: { a: people, b: null }, errors: [{ path: ['b'] }] });
  }
  expect(JSON.stringify(gateway.requests)).not.toContain(value);
});
