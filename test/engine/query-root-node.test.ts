/**
 * A query root that is a `Node` itself, as GitHub's is. Root fields are nullable for callers, but
 * for those that other nodes promise too.
 */
import { buildSchema, graphql } from 'graphql';
import { expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';

const sdl = `
  interface Node { id: ID! }
  type Query implements Node { id: ID! relay: Query! node(id: ID!): Node events: [Event!]! nodes: [Node!]! }
  union Event = Labeled | Closed
  type Labeled implements Node { id: ID! label: String! }
  type Closed { at: String! }`;
const rules = `{ version: 1, rules: [{ name: open, allow: everyone, fields: {
  Query: [id, relay, node, events, nodes, other], Node: [id], Labeled: [label], Closed: [at] } }] }`;

const upstream = buildSchema(sdl);
const labeled = { __typename: 'Labeled', id: '1', label: 'bug' };
const root = {
  __typename: 'Query',
  id: 'root',
  events: [labeled, { __typename: 'Closed', at: 'noon' }],
  node: ({ id }: { id: string }) => (id === '1' ? labeled : id === 'root' ? root : null),
  nodes: () => [labeled, root],
  relay: () => root,
};

const refused = { errors: [{ message: 'down' }] };
const cases: { query: string; expect: unknown; down?: 'up' | 'other'; failed?: string[] }[] = [
  {
    query: '{ events { ... on Labeled { id } ... on Node { id } ... on Closed { at } } }',
    expect: { events: [{ id: '1' }, { at: 'noon' }] },
  },
  {
    query: '{ node(id: "1") { id ... on Labeled { label } } id relay { id } }',
    expect: { node: { id: '1', label: 'bug' }, id: 'root', relay: { id: 'root' } },
  },
  {
    query: '{ node(id: "root") { id } }',
    expect: { node: { id: 'root' } },
  },
  {
    query: '{ nodes { __typename ... on Labeled { label } ... on Query { id } } }',
    expect: {
      nodes: [
        { __typename: 'Labeled', label: 'bug' },
        { __typename: 'Query', id: 'root' },
      ],
    },
  },
  { query: '{ id other }', down: 'other', expect: { id: 'root', other: null }, failed: ['other'] },
  {
    query: '{ nodes { id } other }',
    down: 'up',
    expect: { nodes: null, other: 1 },
    failed: ['nodes'],
  },
  { query: '{ id other }', down: 'up', expect: null, failed: ['id'] },
  {
    query: '{ __type(name: "Node") { fields { type { kind } } possibleTypes { name } } }',
    expect: {
      __type: {
        fields: [{ type: { kind: 'NON_NULL' } }],
        possibleTypes: [{ name: 'Labeled' }, { name: 'Query' }],
      },
    },
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
            about.down === 'up'
              ? refused
              : graphql({
                  schema: upstream,
                  source: query,
                  rootValue: root,
                  variableValues: variables,
                }),
        },
        other: {
          sdl: 'type Query { other: Int! }',
          answer: () => (about.down === 'other' ? refused : { data: { other: 1 } }),
        },
      },
      rules,
    });
    const { body } = await gateway.query(about.query);
    const { data, errors = [] } = body;
    const failed = errors.map(({ path }) => path);
    expect({ engine, data, failed }).toEqual({
      engine,
      data: about.expect,
      failed: about.failed === undefined ? [] : [about.failed],
    });
    await gateway.close();
  }
});
