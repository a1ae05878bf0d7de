/**
 * @skip and @include: a field that is not there for one request and is for the next, by literal,
 * variable or default, alone or through fragments. What is not included is not refused; the plan
 * made without it never serves a request that includes it.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

// No control: rules that run with the resolvers see included fields alone.

const sdl = /* GraphQL */ `
  type Query { me: Employee }
  type Employee { id: ID! ssn: String iban: String boss: Employee }
`;
const me = { id: '1', ssn: '900-11-1111', iban: 'IBAN-11' };
const gateway = await testGateway({
  upstreams: { hr: played(sdl, { me: { ...me, boss: me } }) },
  rules: `
version: 1
rules:
  - { name: open, fields: { Query: [me], Employee: [id, boss] }, allow: everyone }
  - { name: ids, fields: { Employee: [ssn] }, allow: { scopes: [ssn] } }
  - { name: bank, fields: { Employee: [iban] }, allow: { scopes: [bank] }, otherwise: [reject] }
`,
});

beforeEach(() => {
  gateway.requests.length = 0;
  gateway.records.length = 0;
});

/** With `on` the field is asked for, with `off` it is not. */
const cases: { name: string; given: string; on: object[]; off: object[] }[] = [
  {
    name: '@include',
    given: 'query ($a: Boolean!) { me { id ssn @include(if: $a) } }',
    on: [{ a: true }],
    off: [{ a: false }],
  },
  {
    name: '@skip',
    given: 'query ($a: Boolean!) { me { id ssn @skip(if: $a) } }',
    on: [{ a: false }],
    off: [{ a: true }],
  },
  {
    name: 'both',
    given: 'query ($s: Boolean!, $i: Boolean!) { me { id ssn @skip(if: $s) @include(if: $i) } }',
    on: [{ s: false, i: true }],
    off: [
      { s: true, i: true },
      { s: true, i: false },
      { s: false, i: false },
    ],
  },
  {
    name: 'one variable in both',
    given: 'query ($a: Boolean!) { me { id ssn @skip(if: $a) @include(if: $a) } }',
    on: [],
    off: [{ a: true }, { a: false }],
  },
  {
    name: 'a default that includes',
    given: 'query ($a: Boolean = true) { me { id ssn @include(if: $a) } }',
    on: [{}, { a: true }],
    off: [{ a: false }],
  },
  {
    name: 'a default that does not',
    given: 'query ($a: Boolean = false) { me { id ssn @include(if: $a) } }',
    on: [{ a: true }],
    off: [{}, { a: false }],
  },
  {
    name: 'a default that skips',
    given: 'query ($a: Boolean! = true) { me { id ssn @skip(if: $a) } }',
    on: [{ a: false }],
    off: [{}, { a: true }],
  },
  {
    name: 'a spread',
    given:
      'query ($a: Boolean!) { me { id ...F @include(if: $a) } } fragment F on Employee { ssn }',
    on: [{ a: true }],
    off: [{ a: false }],
  },
  {
    name: 'a spread twice, once with a condition',
    given:
      'query ($a: Boolean!, $b: Boolean!) { me { id ...F @include(if: $a) ...F @skip(if: $b) } } fragment F on Employee { ssn }',
    on: [
      { a: false, b: false },
      { a: true, b: true },
      { a: true, b: false },
    ],
    off: [{ a: false, b: true }],
  },
  {
    name: 'an inline fragment',
    given: 'query ($a: Boolean!) { me { id ... @include(if: $a) { ... on Employee { ssn } } } }',
    on: [{ a: true }],
    off: [{ a: false }],
  },
  {
    name: 'a condition in a fragment in a fragment',
    given:
      'query ($a: Boolean!, $b: Boolean!) { me { id ...F } } fragment F on Employee { ...G @skip(if: $a) } fragment G on Employee { ssn @include(if: $b) }',
    on: [{ a: false, b: true }],
    off: [
      { a: true, b: true },
      { a: false, b: false },
    ],
  },
  {
    name: 'the same field twice, once with a condition each',
    given:
      'query ($a: Boolean!, $b: Boolean!) { me { id ssn @include(if: $a) ssn @include(if: $b) } }',
    on: [
      { a: true, b: false },
      { a: false, b: true },
    ],
    off: [{ a: false, b: false }],
  },
];
const asked = cases.flatMap(({ name, given, on, off }) => [
  ...on.map((variables) => ({ name, given, variables, included: true })),
  ...off.map((variables) => ({ name, given, variables, included: false })),
]);

async function check(one: (typeof asked)[number]): Promise<void> {
  gateway.requests.length = 0;
  const { body } = await gateway.query(one.given, { variables: { ...one.variables } });
  const ssn = one.included ? { ssn: null } : {};
  expect(body.data).toEqual({ me: { id: '1', ...ssn } });
  expect(body.errors?.map((error) => [error.extensions.coordinate, error.path]) ?? []).toEqual(
    one.included ? [['Employee.ssn', ['me', 'ssn']]] : [],
  );
  expect(gateway.requests.map(({ query }) => query).join()).not.toContain('ssn');
}

describe('a denied field', () => {
  it.each(asked)('$name $variables: included $included', check);

  it('has a plan for each condition, in whatever order they come', async () => {
    for (const one of [...asked, ...asked.toReversed()]) await check(one);
    await Promise.all(
      [...asked, ...asked].map(async ({ given, variables, included }) => {
        const { text } = await gateway.query(given, { variables: { ...variables } });
        expect(text.includes('FORBIDDEN')).toBe(included);
      }),
    );
  });

  it.each(asked)('granted, is there when it is included: $name $variables', async (one) => {
    const as = { scopes: ['ssn'] };
    const { body } = await gateway.query(one.given, { as, variables: { ...one.variables } });
    expect(body).toEqual({ data: { me: { id: '1', ...(one.included ? { ssn: me.ssn } : {}) } } });
  });

  it('that rejects, rejects when it is included and only then', async () => {
    const query = 'query ($a: Boolean!) { me { id iban @include(if: $a) } }';
    for (const [a, status] of [
      [false, 200],
      [true, 403],
      [false, 200],
      [true, 403],
    ] as const) {
      expect((await gateway.query(query, { variables: { a } })).status).toBe(status);
    }
    expect(gateway.requests).toHaveLength(2);
  });
});

describe('conditions that are none', () => {
  const literals = [
    { given: '{ me { id ssn @include(if: false) } }', denied: false },
    { given: '{ me { id ssn @skip(if: true) } }', denied: false },
    { given: '{ me { id ssn @skip(if: false) } }', denied: true },
    { given: '{ me { id ssn @include(if: true) @skip(if: false) } }', denied: true },
  ];
  it.each(literals)('$given', async ({ given, denied }) => {
    const { body } = await gateway.query(given);
    expect(body.errors !== undefined).toBe(denied);
    expect(gateway.requests.map(({ query }) => query).join()).not.toContain('ssn');
  });

  it('nothing included asks nobody', async () => {
    const { body } = await gateway.query('{ me @skip(if: true) { ssn iban } }');
    expect(body).toEqual({ data: {} });
    expect(gateway.requests).toEqual([]);
  });

  const refused = [
    { name: 'a missing variable', given: 'query ($a: Boolean!) { me { id @skip(if: $a) } }' },
    {
      name: 'null',
      given: 'query ($a: Boolean!) { me { id @skip(if: $a) } }',
      variables: { a: null },
    },
    {
      name: 'a text',
      given: 'query ($a: Boolean!) { me { id @skip(if: $a) } }',
      variables: { a: 'true' },
    },
    {
      name: 'a number',
      given: 'query ($a: Boolean!) { me { id @skip(if: $a) } }',
      variables: { a: 1 },
    },
    { name: 'a variable of another type', given: 'query ($a: String) { me { id @skip(if: $a) } }' },
    { name: 'an unknown directive', given: '{ me { id ssn @defer } }' },
    { name: 'a deferred fragment', given: '{ me { id ... @defer { ssn } } }' },
    { name: 'a directive twice', given: '{ me { ssn @skip(if: true) @skip(if: false) } }' },
  ];
  it.each(refused)('are refused: $name', async ({ given, variables }) => {
    await gateway.query(given, variables === undefined ? {} : { variables });
    expect(gateway.records[0]?.refusal?.reason).toMatch(/^limits\/(variables|invalid)$/);
    expect(gateway.requests).toEqual([]);
  });

  it('null where a default stands leaks nothing and is no fault', async () => {
    const query = 'query ($a: Boolean = true) { me { id ssn @include(if: $a) } }';
    const { status, text } = await gateway.query(query, { variables: { a: null } });
    expect(status).toBe(200);
    expect(text).not.toMatch(/900-\d\d-/);
    expect(gateway.records[0]?.faults).toEqual([]);
  });
});
