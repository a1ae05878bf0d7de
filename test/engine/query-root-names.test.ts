/**
 * Roots by other names, as Hasura has them: their fields are those of `Query` and `Mutation`. Where
 * fields lead back to one, it is a type of its own, closed until a rule names it.
 */
import { buildSchema, graphql } from 'graphql';
import { expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';

const sdl = `
  schema { query: query_root mutation: mutation_root }
  type query_root { users(limit: Int): [users!]! users_by_pk(id: Int!): users job: Job! }
  type Job { query: query_root! }
  type users { id: Int! name: String }
  type mutation_root { delete_users(id: Int!): deleted }
  type deleted { affected_rows: Int! query: query_root! }`;

const upstream = buildSchema(sdl);
const ada = { id: 1, name: 'Ada' };
const root = {
  users: [ada],
  users_by_pk: ada,
  job: { query: () => root },
  delete_users: { affected_rows: 1, query: () => root },
};

const top = 'Query: [users, users_by_pk, job], Mutation: [delete_users], users: [id, name]';
const between = 'Job: [query], deleted: [affected_rows, query]';
const apart = `${top}, ${between}, query_root: [users]`;

const cases = [
  {
    fields: top,
    query: '{ users { id } ...r } fragment r on Query { users_by_pk(id: 1) { name } }',
    expect: { users: [{ id: 1 }], users_by_pk: { name: 'Ada' } },
  },
  {
    fields: apart,
    query:
      '{ __typename job { query { __typename ...r } } } fragment r on query_root { users { id } }',
    expect: {
      __typename: 'Query',
      job: { query: { __typename: 'query_root', users: [{ id: 1 }] } },
    },
  },
  {
    fields: apart,
    query: 'mutation { delete_users(id: 1) { affected_rows query { users(limit: 1) { name } } } }',
    expect: { delete_users: { affected_rows: 1, query: { users: [{ name: 'Ada' }] } } },
  },
  { fields: apart, query: '{ job { query { users_by_pk(id: 1) { id } } } }', expect: undefined },
  { fields: `${top}, ${between}`, query: '{ job { query { users { id } } } }', expect: undefined },
];

it.each(cases)('$query, where rules grant { $fields }', async ({ fields, query, expect: data }) => {
  for (const engine of ['reference', 'compiled'] as const) {
    for (const prefix of [undefined, 'H_']) {
      const named = (text: string) =>
        prefix === undefined
          ? text
          : text.replaceAll(/\b(?:query_root|Job|deleted|users(?=: ))\b/g, `${prefix}$&`);
      const gateway = await testGateway({
        engine,
        upstreams: {
          up: {
            sdl,
            ...(prefix !== undefined && { prefix }),
            answer: (asked) =>
              graphql({
                schema: upstream,
                source: asked.query,
                rootValue: root,
                variableValues: asked.variables,
              }),
          },
        },
        rules: `{ version: 1, rules: [{ name: open, allow: everyone, fields: { ${named(fields)} } }] }`,
      });
      const { body } = await gateway.query(named(query));
      expect({ engine, data: body.data }).toEqual({
        engine,
        data: data && JSON.parse(named(JSON.stringify(data))),
      });
      if (data === undefined) {
        const codes = body.errors?.map(({ extensions }) => extensions.code);
        expect(codes).toEqual(['GRAPHQL_VALIDATION_FAILED']);
      } else expect(body.errors).toBeUndefined();
      await gateway.close();
    }
  }
});
