/**
 * Aliases that stand where something else reads: on `id`, `__typename`, the keys of joins. Rules
 * that look at response keys then decide on a value that the caller chose.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query { user(id: ID!): User users: [User!]! node(id: ID!): Node }
  interface Node { id: ID! }
  type User implements Node { id: ID! name: String ssn: String }
  type Robot implements Node { id: ID! name: String serial: String }
`;
const users = [
  { __typename: 'User', id: '1', name: '1', ssn: '900-11-1111' },
  { __typename: 'User', id: '2', name: '1', ssn: '900-22-2222' },
];
const robot = { __typename: 'Robot', id: '9', name: 'User', serial: 'SERIAL-9' };
const upstreams = {
  hr: played(sdl, {
    users,
    user: ({ id }: { id: string }) => users.find((one) => one.id === id) ?? null,
    node: ({ id }: { id: string }) => [...users, robot].find((one) => one.id === id) ?? null,
  }),
};

const gateway = await testGateway({
  upstreams,
  rules: `
version: 1
rules:
  - name: open
    fields: { Query: [user, users, node], Node: [id], User: [id, name], Robot: [id, name] }
    allow: everyone
  - name: closed
    fields: { User: [ssn], Robot: [serial] }
    allow: { scopes: [all] }
`,
});

beforeEach(() => {
  gateway.requests.length = 0;
});

describe('a rule that reads the row', () => {
  it('is talked out of it by an alias in the obvious gateway', async () => {
    const open = obvious({
      upstreams,
      rules: ({ rule }) => ({
        User: { ssn: rule()(async (parent: { id: string }) => parent.id === '1') },
      }),
    });
    const honest = await open.query('{ user(id: "2") { id ssn } }');
    expect(honest.text).not.toContain('900-22-2222');
    const { text } = await open.query('{ user(id: "2") { id: name ssn } }');
    expect(text).toContain('900-22-2222');
  });
});

const attempts = [
  { name: 'on id', given: '{ user(id: "2") { id: ssn } }' },
  { name: 'on an allowed field', given: '{ user(id: "2") { name: ssn } }' },
  { name: 'on __typename', given: '{ user(id: "2") { __typename: ssn } }' },
  { name: 'on the prefix of the plan', given: '{ user(id: "2") { fg_name: ssn name } }' },
  { name: 'on the key of the gateway', given: '{ user(id: "2") { _fgKey: ssn name } }' },
  { name: 'in a list', given: '{ users { id: ssn } }' },
  { name: 'in a fragment', given: '{ user(id: "2") { ...F } } fragment F on User { name: ssn }' },
  { name: 'through an interface', given: '{ node(id: "2") { ... on User { name: ssn } } }' },
  {
    name: 'under a type name of the caller',
    given: '{ node(id: "2") { __typename: id ... on User { name: ssn } } }',
  },
  { name: 'beside the field itself', given: '{ user(id: "2") { a: ssn ssn b: ssn } }' },
];

describe('a denied field under another name', () => {
  it.each(attempts)('is null and not fetched: $name', async ({ given }) => {
    const { text, status, body } = await gateway.query(given);
    expect(text).not.toMatch(/900-\d\d-/);
    expect(status).toBe(200);
    expect(body.errors?.map((error) => error.extensions)).toContainEqual({
      code: 'FORBIDDEN',
      coordinate: 'User.ssn',
    });
    expect(gateway.requests.map((request) => request.query).join()).not.toContain('ssn');
  });
});

describe('aliases that are granted', () => {
  const cases = [
    {
      name: 'one person under the id of another',
      given: '{ user(id: "2") { id: name name: id } }',
      expect: { user: { id: '1', name: '2' } },
    },
    {
      name: 'a type name that the caller chose',
      given: '{ node(id: "9") { __typename: id ... on Robot { name } } }',
      expect: { node: { __typename: '9', name: 'User' } },
    },
    {
      name: 'a value that is the name of another type',
      given: '{ node(id: "9") { ... on Robot { __typename: name } ... on User { ssn } } }',
      expect: { node: { __typename: 'User' } },
    },
    {
      name: 'crossed names',
      given: '{ user(id: "2") { id: __typename __typename: id fg_id: name } }',
      expect: { user: { id: 'User', __typename: '2', fg_id: '1' } },
    },
    {
      name: 'roots that change places',
      given: '{ users: user(id: "1") { id } user: users { id } }',
      expect: { users: { id: '1' }, user: [{ id: '1' }, { id: '2' }] },
    },
  ];
  it.each(cases)('say what was asked: $name', async ({ given, expect: data }) => {
    const { body } = await gateway.query(given, { as: { scopes: ['all'] } });
    expect(body).toEqual({ data });
  });
});
