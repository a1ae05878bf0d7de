/**
 * A condition on a field of an input object that the caller does not see. The upstream takes its default,
 * however the object gets there: in the query, in a variable, in a list, as the default of a variable or of
 * the argument. Whoever could choose the spelling could choose the decision.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { type TestCaller, type TestGateway, testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query {
    page(of: Of, all: [Of!], wrap: Wrap, either: Of = { y: "1" }): [Employee!]
    wide(of: Of): [Employee!]
  }
  type Employee { id: ID! name(of: Of): String }
  input Of { x: Scope = ALL y: String limit: Int = 50 }
  input Wrap { of: Of = { y: "2" } other: Int }
  enum Scope { ALL OWN }
`;

/** Holds where the hidden field says nothing, or says what is harmless. */
const conditions = [
  '!has(args.of.x) || args.of.x == "OWN"',
  'args.of.x == "OWN" || !has(args.of.x)',
  '!(has(args.of.x) && args.of.x == "ALL")',
];
const rules = (when: string, more = '') => `
version: 1
rules:
  - { name: page, fields: { Query: [page, wide] }, allow: { when: '${when}' } }
  - { name: fields, fields: { Employee: [id, name] }, allow: everyone }
  - { name: scopes, fields: { Of: [x, limit] }, allow: { scopes: [x] }, otherwise: [hide] }
${more}`;
const employee = { id: '1', name: 'Ada' };
const gatewayWith = (text: string) =>
  testGateway({
    upstreams: { hr: played(sdl, { page: [employee], wide: [employee] }) },
    rules: text,
  });

interface Spelling {
  readonly name: string;
  readonly query: string;
  readonly variables?: Record<string, unknown>;
}
const spellings: Spelling[] = [
  { name: 'in the query', query: '{ wide(of: { y: "1" }) { id } }' },
  { name: 'empty', query: '{ wide(of: {}) { id } }' },
  {
    name: 'a variable',
    query: 'query ($of: Of) { wide(of: $of) { id } }',
    variables: { of: { y: '1' } },
  },
  {
    name: 'an empty variable',
    query: 'query ($of: Of!) { wide(of: $of) { id } }',
    variables: { of: {} },
  },
  { name: "a variable's default", query: 'query ($of: Of = { y: "1" }) { wide(of: $of) { id } }' },
  {
    name: 'a variable in the object',
    query: 'query ($y: String) { wide(of: { y: $y }) { id } }',
    variables: { y: '1' },
  },
  {
    name: 'a fragment and an alias',
    query: 'query ($of: Of) { ...A } fragment A on Query { b: wide(of: $of) { id } }',
    variables: { of: { y: '1' } },
  },
];

describe.each(conditions)('%s', (when) => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await gatewayWith(rules(when));
  });

  it.each(spellings)('is decided by the default: $name', async ({ query, variables }) => {
    for (let time = 0; time < 3; time += 1) {
      gateway.requests.length = 0;
      const { body } = await gateway.query(query, { ...(variables && { variables }) });
      expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
      expect(gateway.requests).toEqual([]);
    }
  });

  it('holds where who sees it says another thing', async () => {
    const as: TestCaller = { scopes: ['x'] };
    for (const [query, variables] of [
      ['{ wide(of: { x: OWN }) { id } }', {}],
      ['query ($of: Of) { wide(of: $of) { id } }', { of: { x: 'OWN' } }],
      ['query ($x: Scope) { wide(of: { x: $x }) { id } }', { x: 'OWN' }],
    ] as [string, Record<string, unknown>][]) {
      const { body } = await gateway.query(query, { as, variables });
      expect([query, body.data]).toEqual([query, { wide: [{ id: '1' }] }]);
    }
    const { body } = await gateway.query('query ($of: Of) { wide(of: $of) { id } }', {
      as,
      variables: { of: {} },
    });
    expect(body.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });
});

describe('in lists, in other objects, by defaults of arguments', () => {
  const cases: (Spelling & { readonly when: string })[] = [
    {
      name: 'an object in an object, by a variable',
      when: '!has(args.wrap.of.x)',
      query: 'query ($w: Wrap) { page(wrap: $w) { id } }',
      variables: { w: { of: { y: '1' } } },
    },
    {
      name: 'the default of a field of a variable',
      when: '!has(args.wrap.of.x)',
      query: 'query ($w: Wrap) { page(wrap: $w) { id } }',
      variables: { w: { other: 1 } },
    },
    {
      name: 'the default of the argument',
      when: '!has(args.either.x)',
      query: '{ page { id } }',
    },
    {
      name: 'a variable without a value',
      when: '!has(args.either.x)',
      query: 'query ($of: Of) { page(either: $of) { id } }',
    },
    {
      name: 'a number',
      when: '!has(args.of.limit) || args.of.limit <= 10',
      query: 'query ($of: Of) { page(of: $of) { id } }',
      variables: { of: { y: '1' } },
    },
  ];
  it.each(cases)('$name', async ({ when, query, variables }) => {
    const gateway = await gatewayWith(rules(when).replace('[page, wide]', '[page]'));
    const { body } = await gateway.query(query, { ...(variables && { variables }) });
    expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
    expect(gateway.requests).toEqual([]);
  });

  it('what is null is not there, and says nothing', async () => {
    const gateway = await gatewayWith(rules('!has(args.of.x)'));
    for (const variables of [{ of: null }, {}]) {
      const { body } = await gateway.query('query ($of: Of) { wide(of: $of) { id } }', {
        variables,
      });
      expect(body.data).toEqual({ wide: [{ id: '1' }] });
    }
  });
});

const both = [
  { query: '{ wide(of: { y: "1" }) { id name(of: { y: "1" }) } }' },
  {
    query: 'query ($of: Of) { wide(of: $of) { id name(of: $of) } }',
    variables: { of: { y: '1' } },
  },
];

it.each(both)('an object and a hidden field decide: $query', async (asked) => {
  const gateway = await gatewayWith(`
version: 1
rules:
  - { name: wide, fields: { Query: [wide], Employee: [id] }, allow: everyone }
  - { name: name, fields: { Employee: [name] }, allow: { when: 'object.id == "1" && !has(args.of.x)' } }
  - { name: scopes, fields: { Of: [x] }, allow: { scopes: [x] }, otherwise: [hide] }
`);
  const { body } = await gateway.query(asked.query, asked);
  expect(body.data).toEqual({ wide: [{ id: '1', name: null }] });
});

it.each(both)('what nobody can write is left to the upstream, and known: $query', async (asked) => {
  const writing = `${sdl} type Mutation { write(of: Of): Boolean }`;
  const gateway = await testGateway({
    upstreams: { hr: played(writing, { wide: [employee], write: true }) },
    rules: `
version: 1
rules:
  - { name: wide, fields: { Query: [wide] }, allow: { when: '!has(args.of.x)' } }
  - { name: rest, fields: { Employee: [id, name], Mutation: [write], Of: [y] }, allow: everyone }
`,
  });
  const { body } = await gateway.query(asked.query, asked);
  expect(body.errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN']);
  expect(gateway.requests).toEqual([]);
});

it('a rate by a hidden field counts every spelling together', async () => {
  const gateway = await testGateway({
    upstreams: { hr: played(sdl, { wide: [employee] }) },
    rules: rules('args.of.y == "1"'),
    rates:
      'version: 1\nrates: [{ name: scope, fields: { Query: [wide] }, per: args.of.x, limit: 2, window: 1h }]\n',
  });
  const codes: unknown[] = [];
  for (const { query, variables } of [...both, ...both]) {
    const { body } = await gateway.query(query, { ...(variables && { variables }) });
    codes.push(body.errors?.[0]?.extensions.code);
  }
  expect(codes).toEqual([undefined, undefined, 'RATE_LIMITED', 'RATE_LIMITED']);
});

it('objects in objects, as many as a request may hold, are no fault of ours', async () => {
  const nested = sdl.replace('input Of {', 'input Of { in: Of');
  const gateway = await testGateway({
    upstreams: { hr: played(nested, { wide: [employee] }) },
    rules: rules('args.of.y == "1"'),
    rates:
      'version: 1\nrates: [{ name: scope, fields: { Query: [wide] }, per: args.of.x, limit: 9, window: 1h }]\n',
  });
  for (const depth of [10, 60, 200]) {
    let of: object = { y: '1' };
    for (let level = 0; level < depth; level += 1) of = { y: '1', in: of };
    const query = 'query ($of: Of) { wide(of: $of) { id } }';
    const { body } = await gateway.query(query, { variables: { of } });
    expect(body.errors?.[0]?.extensions.code).not.toBe('INTERNAL');
  }
});

it.each([
  ['in the query', '{ pinned(of: { y: "1" }) { id } }', {}],
  ['a variable', 'query ($of: Pinned!) { pinned(of: $of) { id } }', { of: { y: '1' } }],
  ['deep in the query', '{ pinned(of: { deep: { y: "1" } }) { id } }', {}],
  ['deep in a variable', 'query ($of: Of) { pinned(of: { deep: $of }) { id } }', { of: {} }],
])('beside what is fixed from the token: %s', async (_, query, variables) => {
  const types = 'input Pinned { tenant: ID! x: Scope = ALL y: String deep: Of }';
  const field = 'pinned(of: Pinned!): [Employee!]';
  for (const path of ['of', 'of.deep']) {
    const gateway = await testGateway({
      upstreams: {
        hr: played(`${sdl.replace('wide(', `${field} wide(`)} ${types}`, { pinned: [employee] }),
      },
      rules: `
version: 1
rules:
  - { name: page, fields: { Query: [pinned] }, allow: { when: '!has(args.${path}.x)' } }
  - { name: fields, fields: { Employee: [id] }, allow: everyone }
  - { name: scopes, fields: { Of: [x], Pinned: [x] }, allow: { scopes: [x] }, otherwise: [hide] }
  - { name: tenants, pin: { "Query.pinned(of.tenant:)": claims.tenant } }
`,
    });
    const { body } = await gateway.query(query, { as: { claims: { tenant: 'a' } }, variables });
    const isAbsent = path === 'of.deep' && !query.includes('deep:');
    const code = body.errors?.[0]?.extensions.code;
    expect([path, code]).toEqual([path, isAbsent ? undefined : 'FORBIDDEN']);
  }
});
