/** Rates that start and count nothing, and budgets that take more away than they should. */
import { expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const sdl = `
type Query { employees: [Employee!]! }
type Mutation { login(email: String!): Employee }
type Employee { id: ID! ssn: String! }
`;
const row = { __typename: 'Employee', id: '1', ssn: '900-11-1111' };
const open = (rates: string) =>
  testGateway({
    upstreams: { hr: played(sdl, { employees: [row, row, row], login: row }) },
    rules: `
version: 1
rules:
  - { name: a, fields: { Query: [employees], Mutation: [login], Employee: [id] }, allow: everyone }
  - { name: b, class: government-id, fields: { Employee: [ssn] }, allow: everyone }
`,
    rates: `version: 1\nrates:\n  - ${rates}\n`,
  });

it('a rate on a class that no rule has refuses to start', async () => {
  await expect(
    open('{ name: e, class: goverment-id, per: caller, counts: records, limit: 1, window: 1h }'),
  ).rejects.toThrow();
});
it('a rate by an argument that no named field has refuses to start', async () => {
  await expect(
    open('{ name: l, fields: { Mutation: [login] }, per: args.emial, limit: 5, window: 1m }'),
  ).rejects.toThrow();
});
it('null where a default stands is no 500 behind a rate by argument', async () => {
  const g = await open(
    '{ name: l, fields: { Mutation: [login] }, per: args.email, limit: 5, window: 1m }',
  );
  const a = await g.query('mutation($e: String = "x") { login(email: $e) { id } }', {
    variables: { e: null },
  });
  expect(a.status).not.toBe(500);
});
it('a spent record budget takes the value away, not the rows', async () => {
  const g = await open(
    '{ name: e, class: government-id, per: caller, counts: records, limit: 1, window: 1h }',
  );
  const a = await g.query('{ employees { id ssn } }');
  expect(a.body.data).toEqual({
    employees: [
      { id: '1', ssn: row.ssn },
      { id: '1', ssn: null },
      { id: '1', ssn: null },
    ],
  });
});
