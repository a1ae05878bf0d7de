/**
 * Which governed inputs an operation uses. Whatever the spelling, literals or variables, the answer
 * is the same: each case is asked both ways where it can be written both ways.
 */
import { describe, expect, test } from 'vitest';
import { accepted, planning, withScopes } from './policy-rig.ts';

const sdl = `
  type Query { find(ssn: ID, filter: Filter = { sort: SSN }, filters: [[Filter]], sort: Sort = SSN, sorts: [Sort!], open: Int, limited: Limited): String plain: Int }
  enum Sort { NAME SSN }
  input Filter { name: String ssn: String deeper: Filter any: [Filter!] sort: Sort sorts: [Sort] }
  input Limited { name: String level: Int = 3 deeper: Limited }
`;

const rules = `
- { name: open, fields: { Query: [find, plain] }, allow: everyone }
- name: governed
  fields:
    Query: ["find(ssn:)", "find(filters:)"]
    Filter: [ssn, any]
    Limited: [level]
    Sort: [SSN]
  allow: { scopes: [ssn] }
`;

const { plan, usesIn } = planning(sdl, rules);
const argument = 'Query.find(ssn:)';
const lists = 'Query.find(filters:)';
const [ssn, any, level, sort] = ['Filter.ssn', 'Filter.any', 'Limited.level', 'Sort.SSN'];

interface Case {
  name: string;
  given: { argument: string; type: string; literal: string; value: unknown };
  /** The coordinate that is refused; undefined: the argument uses nothing that is governed. */
  expect: string | undefined;
}

const object = (argument: string, type: string) => (literal: string, value: unknown) => ({
  argument,
  type,
  literal,
  value,
});
const filter = object('filter', 'Filter');
const limited = object('limited', 'Limited');

const cases: Case[] = [
  {
    name: 'an argument that a rule names',
    given: { argument: 'ssn', type: 'ID', literal: '"1"', value: '1' },
    expect: argument,
  },
  {
    name: 'null is a value',
    given: { argument: 'ssn', type: 'ID', literal: 'null', value: null },
    expect: argument,
  },
  {
    name: 'an argument that none names',
    given: { argument: 'open', type: 'Int', literal: '1', value: 1 },
    expect: undefined,
  },
  { name: 'an input field', given: filter('{ ssn: "1" }', { ssn: '1' }), expect: ssn },
  {
    name: 'an input field that is null',
    given: filter('{ ssn: null }', { ssn: null }),
    expect: ssn,
  },
  { name: 'an open input field', given: filter('{ name: "1" }', { name: '1' }), expect: undefined },
  { name: 'an empty object', given: filter('{}', {}), expect: undefined },
  { name: 'no object', given: filter('null', null), expect: undefined },
  {
    name: 'deep inside',
    given: filter('{ deeper: { deeper: { ssn: "1" } } }', { deeper: { deeper: { ssn: '1' } } }),
    expect: ssn,
  },
  {
    name: 'deep inside, nothing',
    given: filter('{ deeper: { deeper: { name: "1" } } }', { deeper: { deeper: { name: '1' } } }),
    expect: undefined,
  },
  { name: 'an empty list', given: filter('{ any: [] }', { any: [] }), expect: any },
  {
    name: 'an enum value',
    given: { argument: 'sort', type: 'Sort', literal: 'SSN', value: 'SSN' },
    expect: sort,
  },
  {
    name: 'an open enum value',
    given: { argument: 'sort', type: 'Sort', literal: 'NAME', value: 'NAME' },
    expect: undefined,
  },
  {
    name: 'an enum value in a list',
    given: { argument: 'sorts', type: '[Sort!]', literal: '[NAME, SSN]', value: ['NAME', 'SSN'] },
    expect: sort,
  },
  {
    name: 'an enum value for a list',
    given: { argument: 'sorts', type: '[Sort!]', literal: 'SSN', value: 'SSN' },
    expect: sort,
  },
  {
    name: 'an enum value in an object',
    given: filter('{ sort: SSN }', { sort: 'SSN' }),
    expect: sort,
  },
  {
    name: 'a list of them in an object',
    given: filter('{ sorts: [null, SSN] }', { sorts: [null, 'SSN'] }),
    expect: sort,
  },
  {
    name: 'a field with a default that is given',
    given: limited('{ level: 1 }', { level: 1 }),
    expect: level,
  },
  {
    name: 'a field with a default that is not given',
    given: limited('{ name: "1" }', { name: '1' }),
    expect: undefined,
  },
  {
    name: 'such a field deep inside',
    given: limited('{ deeper: {} }', { deeper: {} }),
    expect: undefined,
  },
  {
    name: 'lists of lists',
    given: {
      argument: 'filters',
      type: '[[Filter]]',
      literal: '[[{ name: "1" }]]',
      value: [[{ name: '1' }]],
    },
    expect: lists,
  },
];

async function deniedOf(
  query: string,
  variables: Record<string, unknown> = {},
): Promise<string | undefined> {
  const planned = accepted(await plan({ query, variables }));
  return planned.denied[0];
}

describe('literals and variables', () => {
  test.each(cases)('$name, as a literal', async ({ given, expect: wanted }) => {
    expect(await deniedOf(`{ find(${given.argument}: ${given.literal}) }`)).toBe(wanted);
  });

  test.each(cases)('$name, as a variable', async ({ given, expect: wanted }) => {
    const query = `query ($v: ${given.type}) { find(${given.argument}: $v) }`;
    expect(await deniedOf(query, { v: given.value })).toBe(wanted);
  });

  test.each(cases)('$name, as the default of a variable', async ({ given, expect: wanted }) => {
    const query = `query ($v: ${given.type} = ${given.literal}) { find(${given.argument}: $v) }`;
    expect(await deniedOf(query)).toBe(wanted);
  });

  test.each(cases)('$name, with the grant', async ({ given }) => {
    const query = `{ find(${given.argument}: ${given.literal}) }`;
    expect(accepted(await plan({ query, caller: withScopes('ssn') })).denied).toEqual([]);
  });
});

const mixed: {
  name: string;
  given: string;
  variables?: Record<string, unknown>;
  expect: string | undefined;
}[] = [
  { name: 'nothing is written', given: '{ find }', expect: undefined },
  {
    name: 'a variable without a value',
    given: 'query ($v: ID) { find(ssn: $v) }',
    expect: undefined,
  },
  {
    name: 'a variable that is null',
    given: 'query ($v: ID) { find(ssn: $v) }',
    variables: { v: null },
    expect: argument,
  },
  {
    name: 'a variable without a value in an object',
    given: 'query ($v: String) { find(filter: { ssn: $v }) }',
    expect: undefined,
  },
  {
    name: 'a variable with a value in an object',
    given: 'query ($v: String) { find(filter: { ssn: $v }) }',
    variables: { v: '1' },
    expect: ssn,
  },
  {
    name: 'a variable that is null in an object',
    given: 'query ($v: String) { find(filter: { ssn: $v }) }',
    variables: { v: null },
    expect: ssn,
  },
  {
    name: 'a default in an object',
    given: 'query ($v: String = "1") { find(filter: { ssn: $v }) }',
    expect: ssn,
  },
  {
    name: 'a variable object in an object',
    given: 'query ($v: Filter) { find(filter: { deeper: $v }) }',
    variables: { v: { ssn: '1' } },
    expect: ssn,
  },
  {
    name: 'a variable in a list',
    given: 'query ($v: Sort!) { find(sorts: [NAME, $v]) }',
    variables: { v: 'SSN' },
    expect: sort,
  },
  {
    name: 'an open variable in a list',
    given: 'query ($v: Sort!) { find(sorts: [NAME, $v]) }',
    variables: { v: 'NAME' },
    expect: undefined,
  },
  {
    name: 'what another field uses is its own',
    given: 'query ($v: ID) { plain a: find(ssn: $v) find }',
    variables: { v: '1' },
    expect: argument,
  },
  {
    name: 'what a skipped field uses',
    given: '{ plain find(ssn: "1") @skip(if: true) }',
    expect: undefined,
  },
];

test.each(mixed)('$name', async ({ given, variables, expect: wanted }) => {
  expect(await deniedOf(given, variables)).toBe(wanted);
});

test('the key of the plan cache tells apart what variables use, and nothing of their values', () => {
  const query =
    'query ($v: Filter, $w: ID, $x: ID) { find(filter: $v, ssn: $w) other: find(ssn: $x) }';
  const key = (variables: Record<string, unknown>) => usesIn({ query, variables });
  expect(key({ v: { ssn: '111' } })).toBe(key({ v: { ssn: '222' } }));
  expect(key({ v: { ssn: '111' } })).not.toContain('111');
  expect(key({ v: { ssn: '1', sort: 'SSN' } })).toBe(key({ v: { sort: 'SSN', ssn: '1' } }));
  const different = [
    {},
    { w: '1' },
    { x: '1' },
    { w: '1', x: '1' },
    { v: { sort: 'SSN' } },
    { v: { ssn: '1' } },
    { v: { ssn: '1', sort: 'SSN' } },
  ];
  expect(new Set(different.map(key)).size).toBe(different.length);
});

test('without governed inputs the key says nothing', () => {
  const open = planning(sdl, '- { name: open, fields: { Query: [find] }, allow: everyone }');
  expect(open.usesIn({ query: 'query ($v: ID) { find(ssn: $v) }', variables: { v: '1' } })).toBe(
    '',
  );
});
