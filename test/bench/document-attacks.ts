/**
 * Documents made to be expensive, each with the limits that have to stop it. Shared by the test
 * that asks for the refusal and the benchmark that prints what it costs.
 */
import type { Limits } from '../../gateway/limits/limits.ts';

export const sdl = `
  interface Node { id: ID! }
  union Hit = Employee | Office
  type Query {
    me: Employee
    node(id: ID!): Node
    search(text: String, first: Int, ids: [ID!], any: [[Int]]): [Hit!]
    employees(limit: Int): [Employee!]!
  }
  type Employee implements Node { id: ID! name: String boss: Employee office: Office reports(first: Int): [Employee!]! }
  type Office implements Node { id: ID! city: String staff: [Employee!]! }
`;

export interface DocumentAttack {
  readonly name: string;
  readonly text: string;
  readonly limits?: Partial<Limits>;
  /** Reasons of which one has to be given; none: it may also run. */
  readonly expect: readonly string[];
}

/** As far as an operator can open sizes, with the rest left alone. */
const wide = { bodyBytes: 10_485_760, tokens: 100_000 };

const many = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

const fragments = (count: number, body: (next: string) => string, last: string): string =>
  many(
    count,
    (i) => `fragment F${i} on Employee { ${i === count - 1 ? last : body(`F${i + 1}`)} }`,
  );

const doubling = (levels: number): string =>
  `{ me { ...F0 } } ${fragments(levels, (next) => `...${next} ...${next} name`, 'id')}`;

const nested = (levels: number): string =>
  `{ me ${'{ boss '.repeat(levels)}{ id }${'}'.repeat(levels)} }`;

const conflicts = (count: number): string =>
  `{ ${many(count, (i) => `me { boss { name: ${i % 2 === 0 ? 'id' : 'name'} } }`)} }`;

const tokens = ['limits/too-many-tokens'];
const fields = ['limits/too-many-fields'];
const aliases = ['limits/too-many-aliases'];
const invalid = ['limits/invalid'];

/** What is known to have brought GraphQL servers down. */
export const documentAttacks: readonly DocumentAttack[] = [
  { name: 'fragments doubling 40 times', text: doubling(40), expect: fields },
  {
    name: 'fragments doubling 40 times under aliases',
    text: `{ me { ...F0 } } ${fragments(40, (next) => `a: boss { ...${next} } b: boss { ...${next} }`, 'id')}`,
    limits: { depth: 100 },
    expect: fields,
  },
  {
    name: 'a cycle of 100 fragments',
    text: `{ me { ...F0 } } ${many(100, (i) => `fragment F${i} on Employee { ...F${(i + 1) % 100} }`)}`,
    expect: ['limits/fragment-cycle'],
  },
  {
    name: '3 MB of aliases',
    text: `{ ${many(160_000, (i) => `a${i}: me { id }`)} }`,
    limits: wide,
    expect: tokens,
  },
  {
    name: '10 MB of one string',
    text: `{ node(id: "${'x'.repeat(10_000_000)}") { id } }`,
    limits: wide,
    expect: tokens,
  },
  {
    name: '6 MB of blanks',
    text: `{${' \n'.repeat(3_100_000)}x }`,
    limits: wide,
    expect: [...tokens, ...invalid],
  },
  {
    name: '100,000 directives',
    text: `{ me { id ${many(100_000, () => '@skip(if: false)')} } }`,
    limits: wide,
    expect: tokens,
  },
  {
    name: '200 directives',
    text: `{ me { id ${many(200, () => '@skip(if: false)')} } }`,
    expect: ['limits/too-many-directives'],
  },
  {
    name: '990 directives without arguments',
    text: `{ me { id ${many(990, () => '@a')} } }`,
    expect: ['limits/too-many-directives'],
  },
  { name: '100,000 levels', text: nested(100_000), limits: wide, expect: tokens },
  { name: '600 levels', text: nested(600), expect: ['limits/too-deep'] },
  {
    name: '45,000 lists in lists',
    text: `{ search(any: ${'['.repeat(45_000)}${']'.repeat(45_000)}) { __typename } }`,
    limits: wide,
    expect: tokens,
  },
  {
    name: '900 lists in lists',
    text: `{ search(any: ${'['.repeat(900)}${']'.repeat(900)}) { __typename } }`,
    expect: invalid,
  },
  {
    name: '600 inline fragments in each other',
    text: `{ ${'... { '.repeat(600)}me { id }${'}'.repeat(600)} }`,
    expect: ['limits/too-deep'],
  },
  {
    name: 'a chain of 255 fragments',
    text: `{ me { ...F0 } } ${fragments(255, (next) => `...${next}`, 'id')}`,
    limits: { tokens: 20_000 },
    expect: ['limits/too-deep'],
  },
  {
    name: '1,900 fields of one name',
    text: `{ me { ${many(1_900, () => 'id')} } }`,
    expect: fields,
  },
  { name: '990 fields of one name', text: `{ me { ${many(990, () => 'id')} } }`, expect: invalid },
  {
    name: '150 overlapping fields three deep',
    text: conflicts(150),
    limits: { aliases: 1_000 },
    expect: invalid,
  },
  {
    name: '10,000 type names under aliases',
    text: `{ ${many(10_000, (i) => `a${i}: __typename`)} }`,
    limits: wide,
    expect: fields,
  },
  {
    name: '600 type names under aliases',
    text: `{ ${many(600, (i) => `a${i}: __typename`)} }`,
    expect: aliases,
  },
  {
    name: '200 introspections under aliases',
    text: `{ ${many(200, (i) => `a${i}: __schema { types { name } }`)} }`,
    expect: aliases,
  },
  {
    name: 'introspection 40 levels deep',
    text: `{ __schema { types ${'{ fields { type '.repeat(20)}{ name }${' } }'.repeat(20)} } }`,
    expect: ['limits/introspection-too-deep'],
  },
  {
    name: '125,000 selections',
    text: `{ ${many(125_000, () => 'me { id }')} }`,
    limits: wide,
    expect: tokens,
  },
  {
    name: '29 root fields',
    text: `{ ${many(29, (i) => `a${i}: me { id }`)} }`,
    expect: ['limits/too-many-root-fields'],
  },
];

const repeat = (count: number, field: string): string => many(count, () => field);

/** Fields of one name in fields of one name, `levels` deep. */
const tower = (count: number, levels: number): string =>
  levels === 0 ? repeat(count, 'id') : repeat(count, `boss { ${tower(count, levels - 1)} }`);

/** Documents within the limits that make validation work hardest; they may be refused as invalid. */
export const heaviestDocuments: readonly DocumentAttack[] = [
  { name: '310 leaves of one name', text: `{ me { ${repeat(310, 'id')} } }`, expect: [] },
  { name: '126 objects of one name', text: `{ ${repeat(126, 'me { id }')} }`, expect: [] },
  {
    name: '90 objects of one name, three levels',
    text: `{ ${repeat(80, 'me { boss { id } }')} }`,
    expect: [],
  },
  {
    name: '50 objects of one name, 5 levels',
    text: `{ ${repeat(48, 'me { boss { boss { boss { boss { id } } } } }')} }`,
    expect: [],
  },
  { name: 'a tower of twos', text: `{ me { ${tower(2, 5)} } }`, expect: [] },
  { name: 'a tower of threes', text: `{ me { ${tower(3, 3)} } }`, expect: [] },
  {
    name: '52 fragments of the same fields',
    text: `{ me { ${many(52, (i) => `...G${i}`)} } } ${many(52, (i) => `fragment G${i} on Employee { id name ${i % 2 ? 'boss { id }' : 'boss { name }'} }`)}`,
    expect: [],
  },
  {
    name: '50 fragments that spread each other',
    text: `{ me { ...G0 } } ${many(50, (i) => `fragment G${i} on Employee { id ${i < 49 ? `...G${i + 1}` : ''} ${i % 7 === 0 && i < 40 ? `...G${i + 9}` : ''} }`)}`,
    expect: [],
  },
  {
    name: '80 operations over a fragment with 300 variables',
    text: `${many(80, (i) => `query Q${i}($v: ID!) { ...V }`)} fragment V on Query { search(ids: [${repeat(340, '$v')}]) { __typename } }`,
    expect: [],
  },
  {
    name: '130 operations over 80 fragments',
    text: `${many(130, (i) => `query Q${i} { me { ...F0 } }`)} ${fragments(50, (next) => `id ...${next}`, 'name')}`,
    expect: [],
  },
  {
    name: '170 operations over 500 fields',
    text: `${many(170, (i) => `query Q${i} { me { ...F0 } }`)} ${fragments(5, (next) => `a: boss { ...${next} } boss { ...${next} }`, repeat(30, 'id'))}`,
    expect: [],
  },
  {
    name: '20 conflicts behind 90,000 lines',
    text: `${'\n'.repeat(90_000)}{ ${many(60, (i) => `me { name: ${i % 2 === 0 ? 'id' : 'name'} }`)} }`.replaceAll(
      'name: name',
      'name',
    ),
    expect: [],
  },
  {
    name: '300 unknown fields of long names',
    text: `{ me { ${many(300, (i) => `${'n'.repeat(300)}${i}`)} } }`,
    expect: [],
  },
  {
    name: '330 unknown types',
    text: `{ me { ${many(330, (i) => `... on Employe${i} { id }`)} } }`,
    expect: [],
  },
  {
    name: '240 inline fragments in each other',
    text: `{ ${repeat(240, '... {')} me { id }${'}'.repeat(241)}`,
    expect: [],
  },
  {
    name: '240 inline fragments on interfaces and unions',
    text: `{ node(id: 1) { ${repeat(200, '... on Node { ')} id ${'}'.repeat(202)}`,
    expect: [],
  },
  {
    name: 'a list of 1,900 values',
    text: `{ search(ids: [${many(1_900, (i) => `"${i}"`)}]) { __typename } }`,
    expect: [],
  },
  {
    name: 'an object of 600 fields',
    text: `{ search(text: { ${many(600, (i) => `a${i}: 1`)} }) { __typename } }`,
    expect: [],
  },
  {
    name: '620 arguments',
    text: `{ search(${many(620, (i) => `a${i}: 1`)}) { __typename } }`,
    expect: [],
  },
  {
    name: '480 variables',
    text: `query (${many(480, (i) => `$v${i}: Int`)}) { me { id } }`,
    expect: [],
  },
];
