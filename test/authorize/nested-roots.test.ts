/**
 * Types that lead back to the root, as Relay's payloads do (`query: Query`): what is asked there is
 * decided and answered as anywhere else, introspection too.
 */
import { buildSchema, execute, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { played } from '../attacks/obvious.ts';
import { testGateway } from '../support/gateway.ts';

const sdl = `
  type Query { query: Query! person: Person secret: String }
  type Person { name: String root: Query }
  type Mutation { create: Payload }
  type Payload { query: Query }`;
const schema = buildSchema(sdl);
const rules = `
version: 1
rules:
  - name: open
    fields: { Query: [query, person], Person: [name, root], Mutation: [create], Payload: [query] }
    allow: everyone
  - { name: secret, fields: { Query: [secret] }, allow: { scopes: [secret] } }
`;

describe.each(['compiled', 'reference'] as const)('%s', (engine) => {
  const open = () =>
    testGateway({
      engine,
      upstreams: {
        one: {
          sdl,
          answer: ({ query }) =>
            execute({
              schema,
              document: parse(query),
              rootValue: {},
              fieldResolver: (_parent, _args, _context, { parentType, fieldName, returnType }) =>
                String(returnType) === 'String' ? `${parentType.name}.${fieldName}` : {},
            }),
        },
      },
      rules,
    });

  const cases: { name: string; query: string; expect: object }[] = [
    {
      name: 'data',
      query: '{ query { query { person { name root { person { name } } } } } }',
      expect: {
        query: {
          query: { person: { name: 'Person.name', root: { person: { name: 'Person.name' } } } },
        },
      },
    },
    {
      name: 'one key in several places',
      query: `{
        i: __type(name: "Query") { name }
        query { i: __type(name: "Person") { kind } query { i: __type(name: "Nobody") { kind } } }
        person { root { i: __schema { queryType { name } } } }
      }`,
      expect: {
        i: { name: 'Query' },
        query: { i: { kind: 'OBJECT' }, query: { i: null } },
        person: { root: { i: { queryType: { name: 'Query' } } } },
      },
    },
    {
      name: 'below a mutation',
      query: 'mutation { create { query { __schema { queryType { name } } person { name } } } }',
      expect: {
        create: {
          query: { __schema: { queryType: { name: 'Query' } }, person: { name: 'Person.name' } },
        },
      },
    },
  ];
  it.each(cases)('$name', async ({ query, expect: data }) => {
    const gateway = await open();
    const { body } = await gateway.query(query);
    expect(body).toEqual({ data });
    await gateway.close();
  });

  it('what is refused at the root is refused there', async () => {
    const gateway = await open();
    const query = 'mutation { create { query { secret query { secret } } } }';
    const { body } = await gateway.query(query);
    expect(body.data).toEqual({ create: { query: { secret: null, query: { secret: null } } } });
    expect(body.errors?.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['create', 'query', 'secret'], 'FORBIDDEN'],
      [['create', 'query', 'query', 'secret'], 'FORBIDDEN'],
    ]);
    expect(JSON.stringify(gateway.requests)).not.toContain('secret');
    await gateway.close();
  });
});

describe.each(['compiled', 'reference'] as const)(
  '%s: a root that implements an interface',
  (engine) => {
    const noded = `
    interface Node { nodeId: ID! }
    type Query implements Node { nodeId: ID! query: Query! nodes: [Node!] person: Person }
    type Person implements Node { nodeId: ID! name: String }`;
    const open = () => {
      const { answer } = played(noded, {
        nodeId: 'q',
        query: { nodeId: 'q' },
        person: { nodeId: 'p', name: 'Ada' },
        nodes: [
          { __typename: 'Query', nodeId: 'q', person: { name: 'Ada' } },
          { __typename: 'Person', nodeId: 'p', name: 'Ada' },
        ],
      });
      return testGateway({
        engine,
        upstreams: {
          noded: { sdl: noded, answer },
          other: played('type Query { other: Int }', { other: 1 }),
        },
        rules: `
version: 1
rules:
  - name: open
    fields:
      Query: [nodeId, query, nodes, person, other]
      Person: [nodeId, name]
      Node: ["*"]
    allow: everyone
`,
      });
    };
    const cases = [
      { query: '{ nodeId other }', expect: { nodeId: 'q', other: 1 } },
      { query: '{ nodes { nodeId } }', expect: { nodes: [{ nodeId: 'q' }, { nodeId: 'p' }] } },
      {
        query: '{ nodes { __typename ... on Query { person { name } } ... on Person { name } } }',
        expect: {
          nodes: [
            { __typename: 'Query', person: { name: 'Ada' } },
            { __typename: 'Person', name: 'Ada' },
          ],
        },
      },
      // Another upstream's field below the root's own: the reference engine takes it in both.
      { query: '{ query { nodeId other } }', expect: { query: { nodeId: 'q', other: 1 } } },
    ];
    it.each(cases)('$query', async ({ query, expect: data }) => {
      const gateway = await open();
      const { body } = await gateway.query(query);
      expect(body).toEqual({ data });
      await gateway.close();
    });
  },
);
