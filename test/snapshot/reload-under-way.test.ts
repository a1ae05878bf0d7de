/** A request that is under way when the policies change ends by those that it began with. */
import { expect, test } from 'vitest';
import { testGateway } from '../support/gateway.ts';

const before = `
version: 1
rules:
  - { name: open, fields: { Query: [me], Person: [id, name] }, allow: everyone }
  - { name: pay, class: pay, fields: { Person: [salary] }, allow: { when: object.id == claims.person } }
  - name: ids
    class: id
    fields: { Person: [ssn] }
    allow: { scopes: [ssn] }
    otherwise: [{ mask: last4, allow: everyone }, deny]
`;
const after = `
version: 1
rules:
  - { name: open, fields: { Query: [me], Person: [id, name, ssn, salary] }, allow: { scopes: [staff] } }
`;

test.each(['compiled', 'reference'] as const)('on the %s engine', async (engine) => {
  const areAsked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  const gateway = await testGateway({
    engine,
    upstreams: {
      people: {
        sdl: 'type Query { me: Person person(id: ID!): Person } type Person { id: ID! name: String ssn: String }',
        answer: async ({ query }) => {
          if (gateway.requests.length === 2) areAsked.resolve();
          await released.promise;
          return { data: { me: rowOf(query, { id: '1', name: 'Ada', ssn: '900-11-2222' }) } };
        },
      },
      pay: {
        sdl: 'type Query { persons(ids: [ID!]!): [Person]! } type Person { id: ID! salary: Int }',
        answer: ({ query }) => {
          const [key = 'persons'] = /\w+(?=\s*:\s*persons)/.exec(query) ?? [];
          return { data: { [key]: [rowOf(query, { id: '1', salary: 5000 })] } };
        },
      },
    },
    joins: {
      Person: {
        key: 'id',
        people: { field: 'person', argument: 'id' },
        pay: { field: 'persons', argument: 'ids', batch: true },
      },
    },
    rules: before,
  });
  const as = { scopes: ['staff'], claims: { person: '1' } };
  const query = '{ me { name ssn salary } }';
  const underWay = gateway.query(query, { as });
  const other = gateway.query(query, { as: { claims: { person: '2' } } });
  await areAsked.promise;
  gateway.reload(after);
  released.resolve();

  // What the join asks for is asked after the reload.
  const { body } = await underWay;
  expect(body.data).toEqual({ me: { name: 'Ada', ssn: '•••••••2222', salary: 5000 } });
  expect(body.extensions?.masked).toEqual(['Person.ssn']);
  const { data, errors } = (await other).body;
  expect(data).toEqual({ me: { name: 'Ada', ssn: '•••••••2222', salary: null } });
  expect(errors?.map(({ extensions }) => extensions.coordinate)).toEqual(['Person.salary']);

  const now = await gateway.query(query, { as });
  expect(now.body).toEqual({ data: { me: { name: 'Ada', ssn: '900-11-2222', salary: 5000 } } });
  const refused = await gateway.query(query, { as: { claims: { person: '1' } } });
  expect(refused.body.data).toEqual({ me: null });
  await gateway.close();
});

/** The row under every key by which the query asks for one of its fields. */
function rowOf(query: string, row: Record<string, unknown>): Record<string, unknown> {
  const aliases = [...query.matchAll(/(\w+)\s*:\s*(\w+)/g)].map(([, alias = '', name = '']) => [
    alias,
    row[name],
  ]);
  return { ...row, ...Object.fromEntries(aliases) };
}
