/**
 * A rule on an interface that covers no implementation; a rule on one implementation that leaves
 * the field of its sister open behind the interface. Both look like protection in a policy file.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { type TestGateway, testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query { people: [Person!]! found: [Found!]! }
  union Found = User | Admin
  interface Person { id: ID! name: String ssn: String }
  type User implements Person { id: ID! name: String ssn: String }
  type Admin implements Person { id: ID! name: String ssn: String level: Int }
`;
const people = [
  { __typename: 'User', id: '1', name: 'Ada', ssn: '900-11-1111' },
  { __typename: 'Admin', id: '2', name: 'Bo', ssn: '900-22-2222', level: 1 },
];
const upstreams = { hr: played(sdl, { people, found: people }) };

async function gatewayWith(fields: string): Promise<TestGateway> {
  const open = 'Query: [people, found], Person: [id, name]';
  return testGateway({
    upstreams,
    rules: `
version: 1
rules:
  - { name: open, fields: { ${open} }, allow: everyone }
${fields}
`,
  });
}

const onInterface = await gatewayWith(`
  - { name: ids, fields: { Person: [ssn] }, allow: { scopes: [ssn] } }
  - { name: wide, fields: { User: ["*"], Admin: ["*"] }, allow: everyone }
`);
const onUser = await gatewayWith(`
  - { name: ids, fields: { User: [ssn] }, allow: { scopes: [ssn] } }
`);
const onBoth = await gatewayWith(`
  - { name: ids, fields: { Person: [ssn] }, allow: { scopes: [person] } }
  - { name: users, fields: { User: [ssn] }, allow: { scopes: [user] } }
`);
const forbidden = await gatewayWith(`
  - { name: wide, fields: { User: ["*"], Admin: ["*"], Person: ["*"] }, allow: everyone }
  - { name: nobody, fields: { Person: [ssn] }, forbid: true }
`);

beforeEach(() => {
  for (const one of [onInterface, onUser, onBoth, forbidden]) one.requests.length = 0;
});

describe('in the obvious gateway', () => {
  const all = '{ people { ssn } }';
  it('a rule on the interface is accepted and does nothing', async () => {
    const open = obvious({ upstreams, rules: ({ scope }) => ({ Person: { ssn: scope('ssn') } }) });
    expect((await open.query(all)).text).toMatch(/900-11.*900-22/);
  });

  it('a rule on one type leaves its sister open', async () => {
    const open = obvious({ upstreams, rules: ({ scope }) => ({ User: { ssn: scope('ssn') } }) });
    const { text } = await open.query(all);
    expect(text).toContain('900-22-2222');
    expect(text).not.toContain('900-11-1111');
  });
});

const spellings = [
  { name: 'through the interface', given: '{ people { ssn } }' },
  { name: 'at the types', given: '{ people { ... on User { ssn } ... on Admin { ssn } } }' },
  { name: 'through a union', given: '{ found { ... on User { ssn } ... on Admin { ssn } } }' },
  { name: 'an interface in a union', given: '{ found { ... on Person { ssn } } }' },
  { name: 'under another name', given: '{ people { name: ssn } }' },
  { name: 'in a fragment', given: '{ people { ...F } } fragment F on Person { ssn }' },
];

describe('a rule on an interface', () => {
  it.each(spellings)('covers its types, also against wildcards: $name', async ({ given }) => {
    const { text, body } = await onInterface.query(given);
    expect(text).not.toMatch(/900-\d\d-/);
    expect(body.errors?.map((error) => error.extensions.coordinate)).toEqual([
      'User.ssn',
      'Admin.ssn',
    ]);
    expect(onInterface.requests.map(({ query }) => query).join()).not.toContain('ssn');
  });

  it.each(spellings)('grants at its types: $name', async ({ given }) => {
    const { text } = await onInterface.query(given, { as: { scopes: ['ssn'] } });
    expect(text).toMatch(/900-11-1111.*900-22-2222/);
  });

  it.each(spellings)('forbids at its types: $name', async ({ given }) => {
    const { text } = await forbidden.query(given, { as: { scopes: ['ssn'] } });
    expect(text).not.toMatch(/900-\d\d-/);
    expect(forbidden.requests.map(({ query }) => query).join()).not.toContain('ssn');
  });
});

describe('a rule on one type', () => {
  it.each(spellings)('does not open its sister: $name', async ({ given }) => {
    const { text } = await onUser.query(given, { as: { scopes: ['ssn'] } });
    expect(text).not.toContain('900-22-2222');
    expect(onUser.requests.map(({ query }) => query).join()).not.toMatch(/on Admin {\s+ssn/);
  });

  it('opens that type', async () => {
    const { body } = await onUser.query('{ people { id ... on User { ssn } } }', {
      as: { scopes: ['ssn'] },
    });
    expect(body).toEqual({ data: { people: [{ id: '1', ssn: '900-11-1111' }, { id: '2' }] } });
  });

  const cases = [
    { name: 'person', given: ['person'], expect: [null, '900-22-2222'] },
    { name: 'user', given: ['user'], expect: ['900-11-1111', null] },
    { name: 'both', given: ['user', 'person'], expect: ['900-11-1111', '900-22-2222'] },
    { name: 'neither', given: ['other'], expect: [null, null] },
  ];
  it.each(cases)('is closer than one on its interface: $name', async ({ given, expect: seen }) => {
    const { body } = await onBoth.query('{ people { ssn } }', { as: { scopes: given } });
    expect(body.data).toEqual({ people: seen.map((ssn) => ({ ssn })) });
  });
});
