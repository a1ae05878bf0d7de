/** What operations cost, and which are refused for it: sizes, weights, calls. */
import { buildSchema } from 'graphql';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { createCostCheck } from '../../gateway/limits/cost/cost.ts';
import { type CostPolicy, defaultCostPolicy } from '../../gateway/limits/cost/cost-policy.ts';
import { type CostGraph, compileCostWeights } from '../../gateway/limits/cost/cost-weights.ts';
import { checkDocument } from '../../gateway/limits/document.ts';
import { defaultLimits, type Limits } from '../../gateway/limits/limits.ts';
import { createListSizeOf } from '../../gateway/limits/list-size-of.ts';
import { coerceVariables } from '../../gateway/limits/variables.ts';

const directives = `
  directive @cost(weight: String!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
  directive @listSize(assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION
`;

const sdl = `
  ${directives}
  type Query {
    me: Employee
    employees(limit: Int, last: Int, nth: Int = 3): [Employee!]!
    paged(limit: Int = 7): [Employee]
    byIds(ids: [ID!]!): [Employee]
    users(first: Int): Connection
    marked(page: Page, count: Int): [Employee] @listSize(slicingArguments: ["page.size"], assumedSize: 4)
    sized(of: Of, either: Of = { y: "1" }, wrap: Wrap): [Employee] @listSize(slicingArguments: ["of.limit", "either.limit", "wrap.of.limit"], assumedSize: 4)
    loose(of: Any): [Employee] @listSize(slicingArguments: ["of.limit"], assumedSize: 4)
    hiding(of: Hiding): [Employee] @listSize(slicingArguments: ["of.limit"], assumedSize: 4)
    linked(first: Int): Pages @listSize(slicingArguments: ["first"], sizedFields: ["chosen"])
    dear(filter: Filter, all: Boolean @cost(weight: "6")): Int @cost(weight: "2.5")
    grid: [[Employee]]
    hit: Hit
    photo(size: Int): Photo
    names(first: Int): [String]
    heavies(first: Int): [Heavy]
    rough(by: [Rough]): Int @cost(weight: "7")
    odd(first: Int): [Odd]
  }
  input Rough { nearly: Boolean @cost(weight: "-3") }
  scalar Odd @cost(weight: "-1")
  type Mutation { rename(id: ID): Employee touch: Int }
  input Page { size: Int }
  input Of { limit: Int = 30 y: String }
  input Wrap { of: Of = { y: "2" } }
  input Hiding { y: String }
  scalar Any
  input Filter { text: String @cost(weight: "3") inner: Filter }
  interface Named { name: String }
  type Employee implements Named { id: ID name: String boss: Employee reports(limit: Int): [Employee] }
  type Office implements Named { name: String staff: [Employee] @listSize(assumedSize: 50) }
  union Hit = Employee | Office
  type Connection { edges: [Edge] nodes: [Employee] total: Int }
  type Edge { node: Employee }
  type Pages { chosen: [Employee] other: [Employee] }
  type Photo { url: String }
  type Heavy @cost(weight: "5") { id: ID }
`;
const schema = buildSchema(sdl);

/** Calls cost nothing here, so that the rest is seen. */
const free = { ...defaultCostPolicy, upstreamCall: 0 };

function estimate(
  text: string,
  about: {
    variables?: Record<string, unknown>;
    policy?: CostPolicy;
    graph?: Partial<CostGraph>;
    limits?: Partial<Limits>;
  } = {},
) {
  const graph = { schema, upstreams: new Map([['hr', schema]]), ...about.graph };
  const limits = { ...defaultLimits, cost: 2 ** 53, listSize: 2 ** 53, ...about.limits };
  const weights = compileCostWeights(graph, about.policy ?? free);
  const checked = checkDocument(text, schema, limits);
  if (checked instanceof Refusal) throw new Error(checked.reason);
  const [operation] = checked.operations;
  if (operation === undefined) throw new Error('no operation');
  const variables = coerceVariables(schema, operation, about.variables ?? {});
  if (variables instanceof Refusal) throw new Error(variables.reason);
  return createCostCheck({ schema, weights, limits })(checked, operation, variables.coerced);
}

function costOf(...given: Parameters<typeof estimate>): number | string {
  const found = estimate(...given);
  return found instanceof Refusal ? found.reason : found.cost;
}

const costs: {
  name: string;
  given: string;
  variables?: Record<string, unknown>;
  expect: number;
}[] = [
  { name: 'an object', given: '{ me { id } }', expect: 1 },
  { name: 'leaves are free', given: '{ me { id name } __typename }', expect: 1 },
  { name: 'objects in objects', given: '{ me { boss { boss { id } } } }', expect: 3 },
  { name: 'a list of unknown size', given: '{ employees { id } }', expect: 20 },
  { name: 'a list as asked', given: '{ employees(limit: 7) { id } }', expect: 7 },
  { name: 'the larger of two', given: '{ employees(limit: 2, last: 9) { id } }', expect: 9 },
  {
    name: 'lists in lists',
    given: '{ employees(limit: 3) { reports(limit: 4) { id } } }',
    expect: 15,
  },
  { name: 'lists of lists', given: '{ grid { id } }', expect: 400 },
  { name: 'a default of the schema', given: '{ paged { id } }', expect: 7 },
  { name: 'null is not a size', given: '{ paged(limit: null) { id } }', expect: 20 },
  { name: 'zero may mean all', given: '{ paged(limit: 0) { id } }', expect: 20 },
  { name: 'less than nothing', given: '{ paged(limit: -5) { id } }', expect: 20 },
  {
    name: 'less for an argument',
    given: '{ rough(by: { nearly: true }) me { id } }',
    expect: 5,
  },
  {
    name: 'an argument that costs less, repeated, pays for no other field',
    given: '{ rough(by: [{ nearly: true }, { nearly: true }, { nearly: true }]) me { id } }',
    expect: 1,
  },
  {
    name: 'and neither do entries that cost less',
    given: '{ odd(first: 90) me { id } }',
    expect: 1,
  },
  { name: 'keys', given: '{ byIds(ids: ["1", "2", "3"]) { id } }', expect: 3 },
  { name: 'one key is one, whatever it is', given: '{ byIds(ids: 5000) { id } }', expect: 1 },
  {
    name: 'keys in a variable',
    given: 'query ($ids: [ID!]!) { byIds(ids: $ids) { id } }',
    variables: { ids: ['1', '2'] },
    expect: 2,
  },
  {
    name: 'a key in a list of variables',
    given: 'query ($a: ID!, $b: ID!) { byIds(ids: [$a, $b, $a]) { id } }',
    variables: { a: 1, b: 2 },
    expect: 3,
  },
  {
    name: 'a variable',
    given: 'query ($n: Int) { employees(limit: $n) { id } }',
    variables: { n: 55 },
    expect: 55,
  },
  {
    name: 'the default of a variable',
    given: 'query ($n: Int = 6) { employees(limit: $n) { id } }',
    expect: 6,
  },
  {
    name: 'a variable that is left out',
    given: 'query ($n: Int) { paged(limit: $n) { id } }',
    expect: 7,
  },
  {
    name: 'the edges of a connection',
    given: '{ users(first: 9) { total edges { node { id } } } }',
    expect: 1 + 9 * 2,
  },
  {
    name: 'the edges of a connection in fragments and under aliases',
    given: '{ u: users(first: 9) { ...F } } fragment F on Connection { e: edges { node { id } } }',
    expect: 1 + 9 * 2,
  },
  { name: '@listSize', given: '{ marked(count: 9) { id } }', expect: 4 },
  { name: '@listSize with a path', given: '{ marked(page: { size: 8 }) { id } }', expect: 8 },
  {
    name: '@listSize with a path in a variable',
    given: 'query ($p: Page) { marked(page: $p) { id } }',
    variables: { p: { size: 8 } },
    expect: 8,
  },
  {
    name: '@listSize with sized fields',
    given: '{ linked(first: 5) { chosen { id } other { id } } }',
    expect: 1 + 5 + 20,
  },
  { name: '@cost of a field', given: '{ dear }', expect: 3 },
  { name: '@cost of an argument', given: '{ dear(all: true) }', expect: 9 },
  {
    name: '@cost of input fields',
    given: '{ dear(filter: { text: "a", inner: { text: "b" } }) }',
    expect: 9,
  },
  {
    name: '@cost of input fields in a variable',
    given: 'query ($f: Filter) { dear(filter: $f) }',
    variables: { f: { text: 'a', inner: { text: 'b' } } },
    expect: 9,
  },
  { name: '@cost of a type', given: '{ heavies(first: 3) { id } }', expect: 15 },
  {
    name: 'the dearest type of a union',
    given: '{ hit { ... on Office { staff { id } } ... on Employee { boss { id } } } }',
    expect: 51,
  },
  {
    name: 'what is selected twice',
    given: '{ me { boss { id } boss { name } } me { boss { id } } }',
    expect: 2,
  },
  {
    name: 'what is not included',
    given: '{ me { id boss @include(if: false) { id } ... @skip(if: true) { reports { id } } } }',
    expect: 1,
  },
  {
    name: 'what a variable leaves out',
    given: 'query ($yes: Boolean!) { me { boss @include(if: $yes) { id } } }',
    variables: { yes: false },
    expect: 1,
  },
  { name: 'a list of leaves', given: '{ names(first: 1000) }', expect: 0 },
  { name: 'a size that is none of a list', given: '{ photo(size: 4000) { url } }', expect: 1 },
  { name: 'a mutation', given: 'mutation { a: rename { id } b: touch }', expect: 21 },
  {
    name: 'more than numbers hold',
    given: '{ employees(limit: 2147483647) { reports(limit: 2147483647) { id } } }',
    expect: Number.MAX_SAFE_INTEGER,
  },
];

describe('cost', () => {
  test.each(costs)('$name', ({ given, variables, expect: cost }) => {
    expect(costOf(given, variables && { variables })).toBe(cost);
  });
});

describe('weights of a policy', () => {
  const place = { file: 'limits/a.yaml', line: 1, column: 1, path: '' };
  const weighing = (coordinate: string, weight: number) => ({
    ...free,
    weights: new Map([[coordinate, { weight, place }]]),
  });
  const cases = [
    { name: 'a field', coordinate: 'Query.me', weight: 40, given: '{ me { id } }', expect: 41 },
    {
      name: 'a field of a list',
      coordinate: 'Employee.name',
      weight: 2,
      given: '{ employees { name } }',
      expect: 60,
    },
    {
      name: 'a type',
      coordinate: 'Employee',
      weight: 3,
      given: '{ employees { id } }',
      expect: 60,
    },
    {
      name: 'a field of an interface',
      coordinate: 'Named.name',
      weight: 2,
      given: '{ me { name } }',
      expect: 3,
    },
    {
      name: 'policy wins over SDL',
      coordinate: 'Query.dear',
      weight: 1,
      given: '{ dear }',
      expect: 1,
    },
    { name: 'an argument', coordinate: 'Query.me', weight: 0, given: '{ me { id } }', expect: 1 },
  ];
  test.each(cases)('$name', ({ coordinate, weight, given, expect: cost }) => {
    expect(costOf(given, { policy: weighing(coordinate, weight) })).toBe(cost);
  });

  test('a list size by policy', () => {
    const size = { arguments: ['nth'], sizedFields: undefined, assumed: 30 };
    const policy = { ...free, listSizes: new Map([['Query.employees', { size, place }]]) };
    expect(costOf('{ employees(limit: 9, nth: 4) { id } }', { policy })).toBe(4);
    expect(costOf('{ employees(limit: 9) { id } }', { policy })).toBe(3);
    expect(costOf('{ employees(nth: null) { id } }', { policy })).toBe(30);
  });

  const unknown = [
    { coordinate: 'Employe', expect: 'unknown-name' },
    { coordinate: 'Employee.nam', expect: 'unknown-name' },
    { coordinate: 'Query.employees(limits:)', expect: 'unknown-name' },
    { coordinate: 'Query.nobody(limit:)', expect: 'unknown-name' },
  ];
  test.each(unknown)('$coordinate refuses to start', ({ coordinate, expect: code }) => {
    const graph = { schema, upstreams: new Map() };
    const compile = () => compileCostWeights(graph, weighing(coordinate, 1));
    expect(compile).toThrow(
      expect.objectContaining({ problems: [{ ...place, code, message: expect.any(String) }] }),
    );
  });

  const astray = [
    { at: 'Query.employees', arguments: ['limt'], expect: 'unknown-name' },
    { at: 'Query.sized', arguments: ['wrap.of.limt'], expect: 'unknown-name' },
    { at: 'Query.byIds', arguments: ['ids.limit'], expect: 'unknown-name' },
    { at: 'Query.linked', sizedFields: ['chosn'], expect: 'unknown-name' },
    { at: 'Query.hit', sizedFields: ['staff'], expect: 'unknown-name' },
    { at: 'Query.photo', arguments: ['size'], expect: 'wrong-type' },
  ];
  test.each(astray)('a list size of $at that would never be read refuses to start', (given) => {
    const { at, arguments: names, sizedFields, expect: code } = given;
    const size = { arguments: names, sizedFields, assumed: undefined };
    const policy = { ...free, listSizes: new Map([[at, { size, place }]]) };
    expect(() => compileCostWeights({ schema, upstreams: new Map() }, policy)).toThrow(
      expect.objectContaining({ problems: [{ ...place, code, message: expect.any(String) }] }),
    );
  });

  test('what is inside a structured scalar is not known before a request', () => {
    const size = { arguments: ['of.limit'], sizedFields: undefined, assumed: undefined };
    const policy = { ...free, listSizes: new Map([['Query.loose', { size, place }]]) };
    expect(costOf('{ loose(of: { limit: 6 }) { id } }', { policy })).toBe(6);
  });

  test('SDL whose weight is no number refuses to start', () => {
    const wrong = buildSchema(`${directives} type Query { a: Int @cost(weight: "much") }`);
    const graph = { schema: wrong, upstreams: new Map([['hr', wrong]]) };
    expect(() => compileCostWeights(graph, free)).toThrow(/hr: Query\.a/);
  });
});

describe('upstream calls', () => {
  const hr = buildSchema(
    'type Query { me: Employee employees(limit: Int): [Employee!]! } type Employee { id: ID name: String boss: Employee }',
  );
  const rest = buildSchema(
    'type Query { byIds(ids: [ID!]!): [Employee] } type Employee { id: ID reports(limit: Int): [Employee] }',
  );
  const graph = (batch: boolean): Partial<CostGraph> => ({
    upstreams: new Map([
      ['hr', hr],
      ['rest', rest],
    ]),
    joins: { Employee: { upstreams: { hr: {}, rest: { batch } } } },
    links: { 'Employee.boss': { upstream: 'rest' } },
  });
  const cases = [
    { name: 'each root field', given: '{ me { id } m: me { id } }', expect: 22, batched: 22 },
    {
      name: 'what is there already',
      given: '{ employees(limit: 5) { name } }',
      expect: 15,
      batched: 15,
    },
    {
      name: 'a join, per object or once',
      given: '{ employees(limit: 5) { name reports(limit: 1) { id } } }',
      expect: 10 + 5 * (1 + 10 + 1),
      batched: 10 + 10 + 5 * (1 + 1),
    },
    {
      name: 'a link, per object',
      given: '{ employees(limit: 5) { boss { id } } }',
      expect: 10 + 5 * 12,
      batched: 10 + 5 * 12,
    },
  ];
  test.each(cases)('$name', ({ given, expect: each, batched }) => {
    const policy = defaultCostPolicy;
    expect([
      costOf(given, { policy, graph: graph(false) }),
      costOf(given, { policy, graph: graph(true) }),
    ]).toEqual([each, batched]);
  });
});

describe('refused', () => {
  const many = 'query ($n: Int) { employees(limit: $n) { id } }';
  const cases: {
    name: string;
    given: string;
    variables?: Record<string, unknown>;
    limits: Partial<Limits>;
    expect: string | number;
  }[] = [
    {
      name: 'a million by variable, by list size',
      given: many,
      variables: { n: 1_000_000 },
      limits: { listSize: 100 },
      expect: 'limits/list-too-large',
    },
    {
      name: 'a million by variable, by cost',
      given: many,
      variables: { n: 1_000_000 },
      limits: { cost: 5_000 },
      expect: 'limits/too-costly',
    },
    {
      name: 'a million by literal',
      given: '{ employees(limit: 1000000) { id } }',
      limits: { listSize: 100 },
      expect: 'limits/list-too-large',
    },
    {
      name: 'as many as allowed',
      given: many,
      variables: { n: 100 },
      limits: { listSize: 100, cost: 100 },
      expect: 100,
    },
    {
      name: 'one more than allowed',
      given: many,
      variables: { n: 101 },
      limits: { listSize: 100 },
      expect: 'limits/list-too-large',
    },
    {
      name: 'one more than it may cost',
      given: many,
      variables: { n: 101 },
      limits: { cost: 100 },
      expect: 'limits/too-costly',
    },
    {
      name: 'leaves are lists, too',
      given: '{ names(first: 101) }',
      limits: { listSize: 100 },
      expect: 'limits/list-too-large',
    },
    {
      name: 'too many keys',
      given: '{ byIds(ids: [1, 2, 3]) { id } }',
      limits: { listSize: 2 },
      expect: 'limits/list-too-large',
    },
    {
      name: 'a connection',
      given: '{ users(first: 101) { total } }',
      limits: { listSize: 100 },
      expect: 'limits/list-too-large',
    },
    {
      name: 'assumed sizes are nobody’s asking',
      given: '{ employees { id } }',
      limits: { listSize: 5 },
      expect: 20,
    },
    {
      name: 'the field of a list that is left out',
      given: '{ me { id reports(limit: 999) @skip(if: true) { id } } }',
      limits: { listSize: 100 },
      expect: 1,
    },
  ];
  test.each(cases)('$name', ({ given, variables, limits, expect: outcome }) => {
    expect(costOf(given, { limits, ...(variables && { variables }) })).toBe(outcome);
  });

  test('names the coordinate of the list', () => {
    const found = estimate(many, { variables: { n: 101 }, limits: { listSize: 100 } });
    expect(found).toMatchObject({ coordinates: ['Query.employees'] });
  });
});

test('one field’s entries, for those who count records', () => {
  const weights = compileCostWeights({ schema, upstreams: new Map([['hr', schema]]) }, free);
  const sizeOf = createListSizeOf(schema, weights);
  const first = (text: string) => {
    const checked = checkDocument(text, schema, defaultLimits);
    const node =
      checked instanceof Refusal ? undefined : checked.operations[0]?.selectionSet.selections[0];
    if (node?.kind !== 'Field') throw new Error('no field');
    return node;
  };
  const paged = first('query ($n: Int) { employees(limit: $n) { id } }');
  expect(sizeOf('Query.employees', paged, { n: 33 })).toEqual({ size: 33, passed: undefined });
  expect(sizeOf('Query.employees', paged, {})).toMatchObject({ size: 20 });
  expect(sizeOf('Employee.id', paged, {})).toEqual({ size: 1, passed: undefined });
  const users = first('{ users(first: 12) { total } }');
  const { passed } = sizeOf('Query.users', users, {});
  expect(passed).toEqual({ size: 12, fields: ['edges', 'nodes'] });
  const edges = first('{ edges: me { id } }');
  expect(sizeOf('Connection.edges', edges, {}, passed)).toMatchObject({ size: 12 });
  expect(sizeOf('Connection.edges', edges, {})).toMatchObject({ size: 20 });
});

/** Each says nothing of `limit`, and the upstream takes its default. */
describe('defaults inside input objects', () => {
  const cases: [string, Record<string, unknown>?][] = [
    ['{ sized(of: { y: "1" }, either: null) { id } }'],
    ['{ sized(of: {}, either: null) { id } }'],
    ['query ($of: Of) { sized(of: $of, either: null) { id } }', { of: { y: '1' } }],
    ['query ($of: Of = { y: "1" }) { sized(of: $of, either: null) { id } }'],
    ['query ($n: Int) { sized(of: { limit: $n }, either: null) { id } }'],
    ['{ sized { id } }'],
    ['query ($of: Of) { sized(either: $of) { id } }'],
    ['{ sized(either: null, wrap: {}) { id } }'],
    ['{ sized(either: null, wrap: { of: {} }) { id } }'],
    ['query ($w: Wrap) { sized(either: null, wrap: $w) { id } }', { w: {} }],
  ];
  test.each(cases)('%s', (text, variables = {}) => {
    expect(costOf(text, { variables })).toBe(30);
  });

  test('what is said counts, and null says nothing', () => {
    expect(costOf('{ sized(of: { limit: 9 }, either: null) { id } }')).toBe(9);
    expect(costOf('{ sized(of: { limit: null }, either: null) { id } }')).toBe(4);
    expect(costOf('{ sized(either: null) { id } }')).toBe(4);
  });

  const more = buildSchema(sdl.replace('input Hiding {', 'input Hiding { limit: Int = 300'));
  const hiding: [string, Record<string, unknown>?][] = [
    ['{ hiding(of: { y: "1" }) { id } }'],
    ['query ($of: Hiding) { hiding(of: $of) { id } }', { of: {} }],
  ];
  test.each(hiding)(
    'what the caller does not see costs, and is not theirs to ask: %s',
    (text, variables = {}) => {
      const graph = { schema: more };
      expect(costOf(text, { variables, graph, limits: { listSize: 100 } })).toBe(300);
    },
  );
});

test('what is asked inside a structured scalar is asked', () => {
  const text = '{ loose(of: { limit: 101 }) { id } }';
  expect(costOf(text, { limits: { listSize: 100 } })).toBe('limits/list-too-large');
});
