/** `prefix`: public type names inside, the upstream's own on the wire, over a real schema. */
import { buildSchema, type GraphQLSchema, printSchema } from 'graphql';
import { describe, expect, it } from 'vitest';
import { createGraphqlExecutor } from '../../gateway/delegate/graphql/graphql-executor.ts';
import { loadGraphqlSubgraph } from '../../gateway/delegate/graphql/graphql-subgraph.ts';
import { composeSchema } from '../../gateway/delegate/stitch/stitch.ts';
import { answering, run, seen, servedBy } from '../support/delegation.ts';

const sdl = /* GraphQL */ `
  scalar Money
  enum Kind { MAIN OTHER }
  input Filter { kind: Kind = MAIN, inner: Filter, amount: Money }
  interface Node { id: ID! }
  interface Named implements Node { id: ID! name: String }
  union Found = Person | Team
  type Person implements Node & Named { id: ID! name: String kind: Kind pay: Money lead: Team }
  type Team implements Node & Named { id: ID! name: String size: Int members: [Named!] }
  type Query {
    found(filter: Filter, kinds: [Kind!]): [Found!]
    node(id: ID!): Node
    peopleById(ids: [ID!]!): [Person]
    self: Query
  }
  type Mutation { save(filter: Filter!): Person }
`;

const ada = { __typename: 'Person', id: '1', name: 'Ada', kind: 'MAIN', pay: { cents: 5 } };
const team = { __typename: 'Team', id: 't', name: 'Core', size: 2, members: [ada] };
const root = {
  found: () => [ada, { ...team, members: [ada] }],
  node: ({ id }: { id: string }) => (id === 't' ? team : ada),
  peopleById: ({ ids }: { ids: string[] }) => ids.map((id) => ({ ...ada, id })),
  save: ({ filter }: { filter: { kind: string } }) => ({ ...ada, kind: filter.kind }),
  self: {},
};

function rig(prefix: string, text = sdl) {
  const wire = servedBy(buildSchema(text), root);
  const schema = loadGraphqlSubgraph({ upstream: 'pay', sdl: text, prefix });
  const executor = createGraphqlExecutor({ upstream: 'pay', schema, send: wire.send, prefix });
  const subgraphs = [{ name: 'pay', kind: 'graphql' as const, schema, executor }];
  return { ...wire, schema, composed: composeSchema({ subgraphs }).schema };
}

const namesOf = (schema: GraphQLSchema): string[] =>
  Object.keys(schema.getTypeMap()).filter((name) => !name.startsWith('__'));

it('renames every type but the roots and what GraphQL brings', () => {
  const { composed } = rig('Pay_');
  const builtIn = ['Boolean', 'ID', 'Int', 'String'];
  const own = ['Filter', 'Found', 'Kind', 'Money', 'Named', 'Node', 'Person', 'Team'];
  expect(namesOf(composed).sort()).toEqual(
    [...builtIn, 'Mutation', 'Query', ...own.map((name) => `Pay_${name}`)].sort(),
  );
  expect(printSchema(composed)).toContain('interface Pay_Named implements Pay_Node');
  expect(printSchema(composed)).toContain('kind: Pay_Kind = MAIN');
});

describe('an operation', () => {
  const cases: {
    name: string;
    query: string;
    variables?: Record<string, unknown>;
    expect: unknown;
  }[] = [
    {
      name: 'with __typename, aliased too, of objects in lists and unions',
      query:
        '{ found { __typename ... on Pay_Person { fg_t: __typename name kind pay } ... on Pay_Team { size } } }',
      expect: {
        found: [
          {
            __typename: 'Pay_Person',
            fg_t: 'Pay_Person',
            name: 'Ada',
            kind: 'MAIN',
            pay: { cents: 5 },
          },
          { __typename: 'Pay_Team', size: 2 },
        ],
      },
    },
    {
      name: 'with fragments on interfaces',
      query:
        '{ node(id: "t") { id ... on Pay_Named { name } ...T } } fragment T on Pay_Team { members { __typename name } }',
      expect: {
        node: { id: 't', name: 'Core', members: [{ __typename: 'Pay_Person', name: 'Ada' }] },
      },
    },
    {
      name: 'with variables of inputs, enums and scalars',
      query:
        'query ($f: Pay_Filter, $k: [Pay_Kind!]) { found(filter: $f, kinds: $k) { __typename } }',
      variables: { f: { kind: 'OTHER', inner: { amount: { cents: 1 } } }, k: ['MAIN'] },
      expect: { found: [{ __typename: 'Pay_Person' }, { __typename: 'Pay_Team' }] },
    },
    {
      name: 'that writes',
      query: 'mutation ($f: Pay_Filter!) { save(filter: $f) { __typename kind } }',
      variables: { f: { kind: 'OTHER' } },
      expect: { save: { __typename: 'Pay_Person', kind: 'OTHER' } },
    },
    {
      name: 'with a literal input',
      query: 'mutation { save(filter: { kind: OTHER, amount: 3 }) { kind } }',
      expect: { save: { kind: 'OTHER' } },
    },
  ];
  it.each(cases)('$name', async ({ query, variables = {}, expect: data }) => {
    const { composed, queries } = rig('Pay_');
    expect(seen(await run(composed, query, { variables }))).toEqual({ data, errors: [] });
    expect(queries).toHaveLength(1);
    expect(queries[0]).not.toContain('Pay_');
  });
});

it('a prefix that the upstream’s own names begin with', async () => {
  const text = 'type Query { a: Pay_A b: A } type Pay_A { x: Int } type A { y: Int }';
  const { composed, queries } = rig('Pay_', text);
  expect(namesOf(composed)).toEqual(expect.arrayContaining(['Pay_Pay_A', 'Pay_A']));
  await run(composed, '{ a { ... on Pay_Pay_A { x } } b { ... on Pay_A { y } } }');
  expect(queries.join()).not.toContain('Pay_Pay_');
});

it('a root type by another name is a type like others where fields lead back to it', async () => {
  const text =
    'schema { query: Root } type Root { me: Query } type Query { id: ID up: Root any: Any } union Any = Root';
  const { schema, composed, queries } = rig('Pay_', text);
  expect(namesOf(schema)).toEqual(expect.arrayContaining(['Pay_Root', 'Pay_Query']));
  expect(namesOf(schema)).not.toEqual(expect.arrayContaining(['Root']));
  await run(
    composed,
    '{ me { any { ... on Pay_Root { me { id } } } up { ...r } } } fragment r on Pay_Root { me { id } }',
  );
  expect(queries.join()).toContain('... on Root');
  expect(queries.join()).not.toContain('Pay_');
});

describe('an upstream that lies about types', () => {
  const lying = (typename: unknown) => {
    const { schema } = rig('Pay_');
    const wire = answering(() => ({ data: { node: { __typename: typename, id: '1' } } }));
    const executor = createGraphqlExecutor({
      upstream: 'pay',
      schema,
      send: wire.send,
      prefix: 'Pay_',
    });
    const subgraphs = [{ name: 'pay', kind: 'graphql' as const, schema, executor }];
    return composeSchema({ subgraphs }).schema;
  };

  it.each(['Pay_Person', 'Query', 'Kind', '__Type', 'constructor', 7, null])(
    'is not believed: %s',
    async (typename) => {
      const result = seen(await run(lying(typename), '{ node(id: "1") { id __typename } }'));
      expect(result.data).toEqual({ node: null });
      expect(result.errors).toHaveLength(1);
    },
  );
});

describe('with others', () => {
  const other = loadGraphqlSubgraph({
    upstream: 'hr',
    sdl: 'type Query { person(id: ID!): Person } type Person { id: ID! email: String }',
  });
  const hr = servedBy(other, { person: ({ id }: { id: string }) => ({ id, email: 'a@x.test' }) });
  const hrGraph = {
    name: 'hr',
    kind: 'graphql' as const,
    schema: other,
    executor: createGraphqlExecutor({ upstream: 'hr', schema: other, send: hr.send }),
  };

  it('one name stands for two types', async () => {
    const { schema, send } = rig('Pay_');
    const executor = createGraphqlExecutor({ upstream: 'pay', schema, send, prefix: 'Pay_' });
    const pay = { name: 'pay', kind: 'graphql' as const, schema, executor };
    const { schema: both } = composeSchema({ subgraphs: [hrGraph, pay] });
    const query = '{ person(id: 1) { email } node(id: "t") { __typename } }';
    expect(seen(await run(both, query)).data).toEqual({
      person: { email: 'a@x.test' },
      node: { __typename: 'Pay_Team' },
    });
  });

  it('joins and links go by public names', async () => {
    const { schema, send, queries } = rig('Pay_');
    const executor = createGraphqlExecutor({ upstream: 'pay', schema, send, prefix: 'Pay_' });
    const pay = { name: 'pay', kind: 'graphql' as const, schema, executor };
    const { schema: both } = composeSchema({
      subgraphs: [hrGraph, pay],
      links: {
        'Person.pay': {
          upstream: 'pay',
          field: 'peopleById',
          argument: 'ids',
          from: 'id',
          batch: true,
        },
      },
    });
    const query = '{ person(id: "1") { pay { __typename id kind } } }';
    expect(seen(await run(both, query)).data).toEqual({
      person: { pay: { __typename: 'Pay_Person', id: '1', kind: 'MAIN' } },
    });
    expect(queries.join()).not.toContain('Pay_');
  });
});
