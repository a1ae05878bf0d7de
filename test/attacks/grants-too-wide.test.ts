/** Rules that a careful reader takes for less than they would grant, and refusals that take too much away. */
import { expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const sdl = `
scalar JSON
type Query { people: [Person!]! employees(limit: Int): [Employee!]! things: [Thing!]! }
type Mutation { deleteEmployee(id: ID!): Employee  update(id: ID!, input: In!): Employee  patch(id: ID!, body: JSON): Employee }
input In { name: String extra: JSON }
interface Person { id: ID! }
union Thing = Employee | Secret
type Employee implements Person { id: ID! ssn: String }
type Admin implements Person { id: ID! rootPassword: String }
type Secret { code: String }
`;
const row = { __typename: 'Employee', id: '1', ssn: '900' };
const admin = { __typename: 'Admin', id: '9', rootPassword: 'PW' };
const open = (rules: string, limits = {}) =>
  testGateway({
    limits,
    upstreams: {
      hr: played(sdl, {
        people: [admin],
        employees: [row],
        things: [row, { __typename: 'Secret', code: 'x' }],
        deleteEmployee: row,
        update: row,
        patch: row,
      }),
    },
    rules: `version: 1\nrules:\n  - ${rules}\n`,
  });

it('a grant on a type to read is no grant to write: types: [Employee] opens no mutation', async () => {
  const g = await open('{ name: a, types: [Employee], allow: { scopes: [hr:read] } }');
  await g.query('mutation { deleteEmployee(id: "1") { id } }', { as: { scopes: ['hr:read'] } });
  expect(g.requests).toEqual([]);
});
it('types: [interface] opens what the interface has, not what its implementations add', async () => {
  const g = await open('{ name: a, types: [Person], allow: everyone }');
  expect((await g.query('{ people { id ... on Admin { rootPassword } } }')).text).not.toContain(
    'PW',
  );
});
it('a wildcard opens no structured input field', async () => {
  const g = await open(
    '{ name: a, fields: { Query: [employees], Mutation: [update], In: ["*"], Employee: [id] }, allow: everyone }',
  );
  await g.query('mutation { update(id: 1, input: { extra: { role: "admin" } }) { id } }');
  expect(g.requests).toEqual([]);
});
it('a mutation brings no structured argument unless a rule names it', async () => {
  const g = await open(
    '{ name: a, fields: { Query: [employees], Mutation: [patch], Employee: [id] }, allow: everyone }',
  );
  await g.query('mutation { patch(id: 1, body: { role: "admin" }) { id } }');
  expect(g.requests).toEqual([]);
});
it.each([
  { scalar: 'Map', prefix: 'Hr_' },
  { scalar: 'Any', prefix: 'Hr' },
  { scalar: 'Object', prefix: 'hr_' },
  { scalar: 'HashMap', prefix: undefined },
])('no wildcard opens the scalar $scalar under the prefix $prefix', async ({ scalar, prefix }) => {
  const name = (type: string): string => `${prefix ?? ''}${type}`;
  const g = await testGateway({
    upstreams: {
      hr: {
        ...played(
          `scalar ${scalar}
          type Query { me: Me }
          type Mutation { patch(body: ${scalar}): Me write(input: In!): Me }
          input In { name: String extra: ${scalar} }
          type Me { id: ID! extra: ${scalar} }`,
          { me: { id: '1', extra: 'inside' }, patch: { id: '1' }, write: { id: '1' } },
        ),
        ...(prefix && { prefix }),
      },
    },
    rules: `
version: 1
rules:
  - name: all
    fields: { Query: ["*"], Mutation: [patch, write], ${name('Me')}: ["*"], ${name('In')}: ["*"] }
    allow: everyone
`,
  });
  await g.query('mutation { patch(body: { role: "admin" }) { id } }');
  await g.query('mutation { write(input: { extra: { role: "admin" } }) { id } }');
  expect(g.requests).toEqual([]);
  expect((await g.query('{ me { extra } }')).text).not.toContain('inside');
});
it('listSize and cost of policies/limits hold', async () => {
  const g = await open(
    '{ name: a, fields: { Query: [employees], Employee: [id] }, allow: everyone }',
    { listSize: 10, cost: 3 },
  );
  const a = await g.query('{ employees(limit: 1000000) { id } }');
  expect(a.body.errors?.[0]?.extensions.code).toMatch(/LIST_TOO_LARGE|OPERATION_TOO_COSTLY/);
});
it('a row of a hidden member does not take the granted rows away', async () => {
  const g = await open('{ name: a, fields: { Query: [things], Employee: [id] }, allow: everyone }');
  expect((await g.query('{ things { ... on Employee { id } } }')).body.data).toMatchObject({
    things: [{ id: '1' }, null],
  });
});
