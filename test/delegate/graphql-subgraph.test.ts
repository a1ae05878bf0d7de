import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GraphQLObjectType, printSchema } from 'graphql';
import { afterAll, describe, expect, it } from 'vitest';
import { loadGraphqlSubgraph } from '../../gateway/delegate/graphql/graphql-subgraph.ts';

const directory = mkdtempSync(join(tmpdir(), 'subgraph-'));
afterAll(() => rmSync(directory, { recursive: true }));

const sdl = /* GraphQL */ `
  type Query { a: A, b: B }
  type Mutation { pay: Int, unpay: Int }
  type Subscription { s: Int }
  type A { id: ID }
  type B { id: ID }
`;
const load = (text: string, operations?: readonly string[]) =>
  loadGraphqlSubgraph({ upstream: 'up', sdl: text, ...(operations ? { operations } : {}) });

describe('a pinned schema', () => {
  it('loses its subscriptions', () => {
    expect(load(sdl).getSubscriptionType()).toBeUndefined();
    expect(printSchema(load(sdl))).not.toContain('Subscription');
  });

  it('keeps the named operations, and only the types that they reach', () => {
    const schema = load(sdl, ['Query.a', 'Mutation.pay']);
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual(['a']);
    expect(Object.keys(schema.getMutationType()?.getFields() ?? {})).toEqual(['pay']);
    expect(schema.getType('B')).toBeUndefined();
  });

  it('loses the mutation type where no mutation is named', () => {
    expect(load(sdl, ['Query.a']).getMutationType()).toBeUndefined();
  });

  it('keeps the named operations where types lead back to the root, too', () => {
    const text = `schema { query: QueryRoot }
      type QueryRoot { job: Job self: QueryRoot shop: Shop }
      type Job { id: ID query: QueryRoot }
      type Shop { id: ID }`;
    const schema = load(text, ['Query.job', 'Query.self']);
    expect(Object.keys(schema.getQueryType()?.getFields() ?? {})).toEqual(['job', 'self']);
    const job = schema.getType('Job') as GraphQLObjectType;
    expect(job.getFields().query?.type).toBe(schema.getQueryType());
    expect(schema.getType('Shop')).toBeUndefined();
  });

  it('keeps the named operations of a root that is a node itself', () => {
    const text = `interface Node { id: ID! }
      type Query implements Node { id: ID! node: Node shop: Shop }
      type Shop implements Node { id: ID! }`;
    const root = (operations: string[]) => load(text, operations).getQueryType();
    expect(root(['Query.node', 'Query.shop'])?.getInterfaces()).toEqual([]);
    expect(root(['Query.id', 'Query.node'])?.getInterfaces().map(String)).toEqual(['Node']);
  });

  it('is read from a file', () => {
    const file = join(directory, 'good.graphql');
    writeFileSync(file, sdl);
    expect(loadGraphqlSubgraph({ upstream: 'up', file }).getType('A')).toBeDefined();
  });

  it.each([
    ['itself', 'input In { a: In = { b: 1 } b: Int }'],
    ['another that holds it', 'input In { a: Other = {} } input Other { c: In = {} }'],
  ])('does not load with an input whose default holds %s', (_, input) => {
    const text = `type Query { a(in: In): Int } ${input}`;
    expect(() => load(text)).toThrow('upstream up: an input has a default that holds itself');
  });

  it.each([
    'type Query { admin: Mutation }',
    'type Query { a: A } interface A { all: [Mutation!] }',
  ])('does not load where a query leads to writes: %s', (query) => {
    const text = `${query} type Mutation { remove(id: ID!): ID }`;
    expect(() => load(text)).toThrow(/upstream up: \w+\.\w+ leads back to Mutation/);
  });

  it('names in one line the first places of many that are wrong, and how many more there are', () => {
    const text = `type Query { a: ID } ${Array.from({ length: 9 }, (_, at) => `type T${at} { a: ID a: ID }`).join(' ')}`;
    expect(() => load(text)).toThrow(
      /^(?:upstream up:1:\d+: Field "T\d\.a" can only be defined once\.; ){5}and 4 more$/,
    );
  });

  it.each([
    { name: 'large.graphql', expect: /large\.graphql: the SDL is larger than 16777216 bytes$/ },
    { name: '.', expect: /: this is no file$/ },
    { name: 'missing.graphql', expect: /missing\.graphql: cannot read the file \(ENOENT\)$/ },
  ])('is not read from $name', ({ name, expect: said }) => {
    const file = join(directory, name);
    if (name.startsWith('large')) {
      writeFileSync(file, sdl);
      truncateSync(file, 16_777_217);
    }
    expect(() => loadGraphqlSubgraph({ upstream: 'up', file })).toThrow(said);
  });

  it('has a size, wherever it comes from', () => {
    const text = `${sdl}#${' '.repeat(16_777_216)}`;
    expect(() => load(text)).toThrow('upstream up: the SDL is larger than 16777216 bytes');
  });

  it('names file, line and column of what is wrong', () => {
    const file = join(directory, 'bad.graphql');
    const cases = [
      'type Query {\n  a: }',
      'type Query {\n  a: Missing\n}',
      'type Query { a: A }\n\n type A @unknown { id: ID }',
    ];
    const places = cases.map((text) => {
      writeFileSync(file, text);
      try {
        loadGraphqlSubgraph({ upstream: 'up', file });
        return 'built';
      } catch (error) {
        return /bad\.graphql:\d+:\d+/.exec(String(error))?.[0];
      }
    });
    expect(places).toEqual(['bad.graphql:2:6', 'bad.graphql:2:6', 'bad.graphql:3:9']);
  });

  const refused = [
    {
      name: 'lists of lists without end',
      given: () => load(`type Query { a: ${'['.repeat(100_000)}Int${']'.repeat(100_000)} }`),
      expect: /up.*nests too deeply/,
    },
    {
      name: 'a reserved field',
      given: () => load('type Query { fg_a: Int }'),
      expect: /Query\.fg_a/,
    },
    {
      name: 'a reserved type',
      given: () => load('type Query { a: fg3_A } type fg3_A { a: Int }'),
      expect: /fg3_A/,
    },
    { name: 'the key alias', given: () => load('type Query { _fgKey: Int }'), expect: /_fgKey/ },
    {
      name: 'an unknown operation',
      given: () => load(sdl, ['Query.aa']),
      expect: /Query\.aa.*Query\.a\b/,
    },
    { name: 'no query left', given: () => load(sdl, ['Mutation.pay']), expect: /up.*query/ },
    {
      name: 'no schema at all',
      given: () => loadGraphqlSubgraph({ upstream: 'up' }),
      expect: /up/,
    },
    {
      name: 'an interface that is not kept',
      given: () =>
        load('type Query { a: T } interface I { i: Int } type T implements I { a: Int }'),
      expect: /I\.i/,
    },
  ];
  it.each(refused)('refuses $name', ({ given, expect: names }) => {
    expect(given).toThrow(names);
  });
});
