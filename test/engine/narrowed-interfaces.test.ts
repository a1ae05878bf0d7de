/**
 * Implementations may promise more than their interface does (`id: ID!` for `id: ID`). Asked for
 * side by side, such fields cannot merge at the upstream, which refuses the whole document.
 */
import { buildSchema, graphql } from 'graphql';
import { expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';

const sdl = `
  interface Node { id: ID }
  interface Named implements Node { id: ID name: String }
  union Hit = Team | Person | Page
  type Team implements Named & Node { id: ID! name: String! size: Int tags: [String!]! bossId: ID! }
  type Person implements Named & Node { id: ID name: String tags: [String] bossId: ID }
  type Page { title: String! }
  type Query { nodes: [Node] named: [Named!]! hits: [Hit!] person(id: ID!): Person }`;
const rules = `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
  Query: [nodes, named, hits], Node: [id], Named: [name],
  Team: [size, tags, boss], Person: [tags, boss, bossId], Page: [title] } }] }`;
const link = { upstream: 'up', field: 'person', argument: 'id', from: 'bossId' };

const upstream = buildSchema(sdl);
const team = { __typename: 'Team', id: '1', name: 'Red', size: 3, tags: ['a'], bossId: '2' };
const person = { __typename: 'Person', id: '2', name: null, tags: [null], bossId: null };
const page = { __typename: 'Page', title: 'Home' };
const rootValue = {
  nodes: [team, person],
  named: [team, person],
  hits: [team, person, page],
  person: ({ id }: { id: string }) => (id === '2' ? person : null),
};

const cases = [
  {
    query: '{ nodes { id } }',
    expect: { nodes: [{ id: '1' }, { id: '2' }] },
  },
  {
    query: '{ nodes { __typename id ... on Named { name } ... on Team { size } } }',
    expect: {
      nodes: [
        { __typename: 'Team', id: '1', name: 'Red', size: 3 },
        { __typename: 'Person', id: '2', name: null },
      ],
    },
  },
  {
    query: '{ hits { ... on Named { x: name } ... on Page { title } ... on Node { id } } }',
    expect: { hits: [{ x: 'Red', id: '1' }, { x: null, id: '2' }, { title: 'Home' }] },
  },
  {
    query: '{ hits { ... on Team { tags } ... on Person { other: tags } } }',
    expect: { hits: [{ tags: ['a'] }, { other: [null] }, {}] },
  },
  {
    query: '{ named { ... on Team { boss { id } } ... on Person { boss { id } } } }',
    expect: { named: [{ boss: { id: '2' } }, { boss: null }] },
  },
  {
    query: '{ named { ... on Team { boss { name } } ... on Person { bossId } } }',
    expect: { named: [{ boss: { name: null } }, { bossId: null }] },
  },
];

it.each(cases)('both engines and the upstream agree: $query', async (about) => {
  for (const engine of ['reference', 'compiled'] as const) {
    const gateway = await testGateway({
      engine,
      upstreams: {
        up: {
          sdl,
          answer: ({ query, variables }) =>
            graphql({ schema: upstream, source: query, rootValue, variableValues: variables }),
        },
      },
      links: { 'Team.boss': link, 'Person.boss': link },
      rules,
    });
    const { body } = await gateway.query(about.query);
    expect({ engine, body }).toEqual({ engine, body: { data: about.expect } });
    expect(gateway.records[0]?.faults).toEqual([]);
    await gateway.close();
  }
});
