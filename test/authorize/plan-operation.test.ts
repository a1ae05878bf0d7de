/** From an operation and a caller to the document that runs and the projection that puts it back. */
import { type DocumentNode, print, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import type { ProjectedSelection } from '../../gateway/plan/plan.ts';
import { accepted, onOneLine, type PlanQuestion, planning, withScopes } from './policy-rig.ts';

const person = 'id: ID! label: String name: String! boss: Person code(form: String): String';
const sdl = `
  type Query {
    employee(id: ID!): Employee
    employees(first: Int, ssn: ID, filter: Filter, sort: Sort): [Employee!]!
    node(id: ID!): Node
    people: [Person!]!
    hits: [Hit]
    hidden: String
  }
  type Mutation { rename(id: ID!, name: String): Employee pay(id: ID!): Boolean note: String }
  interface Node { id: ID! label: String code: String }
  interface Person implements Node { id: ID! label: String name: String! boss: Person code: String }
  type Employee implements Person & Node { ${person} ssn: String! pay: Int! born: Date }
  type Contractor implements Person & Node { ${person} agency: String! }
  type Office implements Node { id: ID! label: String code(form: String): String city: String! }
  union Hit = Employee | Office
  scalar Date
  enum Sort { NAME SALARY }
  input Filter { name: String, ssn: String }
`;

const rules = `
- name: open
  fields:
    Query: [employee, employees, node, people, hits]
    Mutation: [rename, note]
    Node: ["*"]
    Person: ["*"]
    Office: ["*"]
    Employee: ["*"]
  allow: everyone
- name: ids
  class: government-id
  fields: { Employee: [ssn] }
  allow: { scopes: [ssn] }
  otherwise: [{ mask: last4, allow: { scopes: [ssn4] } }, deny]
- { name: pay, fields: { Employee: [pay] }, allow: { scopes: [pay] }, otherwise: [reject] }
- { name: agency, fields: { Contractor: [agency] }, allow: { scopes: [agency] } }
- { name: write, fields: { Mutation: [pay] }, allow: { scopes: [write] } }
- name: filters
  fields: { Query: ["employees(ssn:)"], Filter: [ssn] }
  allow: { scopes: [ssn] }
- { name: sort, fields: { Sort: [SALARY] }, allow: { scopes: [pay] }, otherwise: [reject] }
`;

const { plan, executable } = planning(sdl, rules);

/** The introspection of a plan, on one line. */
const introspectionOf = ({ introspection }: { introspection: DocumentNode | undefined }) =>
  introspection && print(introspection).replace(/\s+/g, ' ').trim();

/** One line per field that the caller asked for: its place, and where its value comes from. */
function linesOf({ byType }: ProjectedSelection, above = ''): string[] {
  return [...byType].flatMap(([type, fields]) =>
    fields.flatMap((field) => {
      const place = `${above}${type}.${field.key}`;
      if (field.kind === 'denied') return [`${place} denied ${field.coordinate}`];
      if (field.kind !== 'value') return [`${place} ${field.kind}`];
      const facts = [place, field.rawKey, field.mask, field.scalarsOnly ? 'scalars' : undefined];
      const line = facts.filter((fact) => fact !== undefined).join(' ');
      return [line, ...(field.selection ? linesOf(field.selection, `${place}/`) : [])];
    }),
  );
}

interface Case {
  name: string;
  given: Omit<PlanQuestion, 'caller'> & { scopes?: string[] };
  expect: {
    document: string | undefined;
    projection?: string[];
    denied?: string[];
    masked?: string[];
    allowed?: string[];
  };
}

const spelling: Case[] = [
  {
    name: 'what is granted runs as it is written',
    given: { query: '{ employee(id: 1) { id name } }' },
    expect: {
      document: '{ employee(id: 1) { id name } }',
      projection: [
        'Query.employee employee',
        'Query.employee/Employee.id id scalars',
        'Query.employee/Employee.name name scalars',
      ],
      allowed: ['Employee.id', 'Employee.name', 'Query.employee'],
      denied: [],
    },
  },
  {
    name: 'aliases are prefixed, so that none takes the place of a key',
    given: { query: '{ me: employee(id: 1) { id: name name: id __proto__: label name2: name } }' },
    expect: {
      document:
        '{ fg_me: employee(id: 1) { fg_id: name fg_name: id fg___proto__: label fg_name2: name } }',
      projection: [
        'Query.me fg_me',
        'Query.me/Employee.id fg_id scalars',
        'Query.me/Employee.name fg_name scalars',
        'Query.me/Employee.__proto__ fg___proto__ scalars',
        'Query.me/Employee.name2 fg_name2 scalars',
      ],
    },
  },
  {
    name: 'an alias that looks like ours is prefixed again',
    given: { query: '{ fg_employee: employee(id: 1) { fg0_id: id } }' },
    expect: { document: '{ fg_fg_employee: employee(id: 1) { fg_fg0_id: id } }' },
  },
  {
    name: 'an alias that is the field is none',
    given: { query: '{ employee: employee(id: 1) { id: id } }' },
    expect: { document: '{ employee(id: 1) { id } }' },
  },
  {
    name: 'fragments are written out, repeated fields once, in the order of the specification',
    given: {
      query:
        'query A { employee(id: 1) { ...F name ... { code } ...F } } fragment F on Employee { id ... on Node { label id } }',
    },
    expect: { document: '{ employee(id: 1) { id label name code } }' },
  },
  {
    name: 'selections of one key are merged',
    given: { query: '{ employee(id: 1) { id } ... on Query { employee(id: 1) { name } } }' },
    expect: { document: '{ employee(id: 1) { id name } }' },
  },
  {
    name: 'fragments on other types are left out',
    given: {
      query:
        '{ employee(id: 1) { ... on Node { ... on Office { city } } ... on Person { name } } }',
    },
    expect: { document: '{ employee(id: 1) { name } }' },
  },
  {
    name: 'names of operations and directives stay inside',
    given: { query: 'query Name { employee(id: 1) { id @include(if: true) } }' },
    expect: { document: '{ employee(id: 1) { id } }' },
  },
  {
    name: 'the operation that was chosen',
    given: {
      query: 'query A { node(id: 1) { id } } query B { people { id } }',
      operationName: 'B',
    },
    expect: { document: '{ people { __typename id } }' },
  },
];

const variables: Case[] = [
  {
    name: 'variables that nothing uses any more go',
    given: {
      query:
        'query ($a: ID!, $b: Int = 3, $c: ID) { x: employee(id: $a) { id } employees(first: $b, ssn: $c) { id } }',
      variables: { a: '1', c: '2' },
    },
    expect: {
      document: 'query ($a: ID!) { fg_x: employee(id: $a) { id } }',
      denied: ['Query.employees(ssn:)'],
    },
  },
  {
    name: 'defaults stay',
    given: { query: 'query ($b: Int = 3) { employees(first: $b) { id } }' },
    expect: { document: 'query ($b: Int = 3) { employees(first: $b) { id } }' },
  },
  {
    name: 'inside lists and objects they count as used',
    given: { query: 'query ($n: String) { employees(filter: { name: $n }) { id } }' },
    expect: { document: 'query ($n: String) { employees(filter: {name: $n}) { id } }' },
  },
  {
    name: '@skip and @include decide before anything is planned',
    given: {
      query: `query ($yes: Boolean!, $no: Boolean = false) { employee(id: 1) {
        a: id @skip(if: $yes) b: id @skip(if: $no) c: id @include(if: $yes) d: id @include(if: $no)
        e: id @skip(if: $no) @include(if: $no) f: id @skip(if: $yes) @include(if: $yes)
        ... @skip(if: $yes) { g: id } ...H @include(if: $yes) i: id @skip(if: true) } }
        fragment H on Employee { h: id }`,
      variables: { yes: true },
    },
    expect: { document: '{ employee(id: 1) { fg_b: id fg_c: id fg_h: id } }' },
  },
  {
    name: 'what is skipped is neither refused nor rejected',
    given: {
      query:
        'query ($no: Boolean!) { employee(id: 1) { id ssn @include(if: $no) pay @include(if: $no) } }',
      variables: { no: false },
    },
    expect: { document: '{ employee(id: 1) { id } }', denied: [] },
  },
];

const refusing: Case[] = [
  {
    name: 'a refused field is taken out and remembered in its place',
    given: { query: '{ employee(id: 1) { id number: ssn name } }' },
    expect: {
      document: '{ employee(id: 1) { id name } }',
      projection: [
        'Query.employee employee',
        'Query.employee/Employee.id id scalars',
        'Query.employee/Employee.number denied Employee.ssn',
        'Query.employee/Employee.name name scalars',
      ],
      denied: ['Employee.ssn'],
    },
  },
  {
    name: 'who holds the scope is asked no questions',
    given: { query: '{ employee(id: 1) { ssn } }', scopes: ['ssn'] },
    expect: {
      document: '{ employee(id: 1) { ssn } }',
      projection: ['Query.employee employee', 'Query.employee/Employee.ssn ssn'],
      denied: [],
    },
  },
  {
    name: 'a masked field is fetched and masked later, under each of its keys',
    given: { query: '{ employee(id: 1) { ssn n: ssn } }', scopes: ['ssn4'] },
    expect: {
      document: '{ employee(id: 1) { ssn fg_n: ssn } }',
      projection: [
        'Query.employee employee',
        'Query.employee/Employee.ssn ssn last4',
        'Query.employee/Employee.n fg_n last4',
      ],
      masked: ['Employee.ssn'],
      allowed: ['Query.employee'],
    },
  },
  {
    name: 'of an object of which nothing is left it is asked whether it is there',
    given: { query: '{ employee(id: 1) { ssn } }' },
    expect: { document: '{ employee(id: 1) { __typename } }' },
  },
  {
    name: '__typename alone asks nothing below the root',
    given: { query: '{ t: __typename employee(id: 1) { __typename kind: __typename } }' },
    expect: {
      document: '{ employee(id: 1) { __typename } }',
      projection: [
        'Query.t typename',
        'Query.employee employee',
        'Query.employee/Employee.__typename typename',
        'Query.employee/Employee.kind typename',
      ],
    },
  },
  {
    name: '__typename of the root runs nothing',
    given: { query: '{ __typename }' },
    expect: { document: undefined, projection: ['Query.__typename typename'] },
  },
  {
    name: 'a refused argument takes its field along, and nothing else',
    given: { query: '{ a: employees(ssn: "1") { id ssn pay } b: employees(first: 1) { id } }' },
    expect: {
      document: '{ fg_b: employees(first: 1) { id } }',
      projection: [
        'Query.a denied Query.employees(ssn:)',
        'Query.b fg_b',
        'Query.b/Employee.id id scalars',
      ],
      denied: ['Query.employees(ssn:)'],
    },
  },
  {
    name: 'so does a refused input field',
    given: { query: '{ employees(filter: { name: "a", ssn: "1" }) { id } }' },
    expect: { document: undefined, denied: ['Filter.ssn'] },
  },
  {
    name: 'with a grant both are asked for',
    given: { query: '{ employees(ssn: "1", filter: { ssn: "1" }) { id } }', scopes: ['ssn'] },
    expect: { document: '{ employees(ssn: "1", filter: {ssn: "1"}) { id } }', denied: [] },
  },
  {
    name: 'a mask never permits filtering',
    given: { query: '{ employees(ssn: "1") { id } }', scopes: ['ssn4'] },
    expect: { document: undefined, denied: ['Query.employees(ssn:)'] },
  },
];

const abstract: Case[] = [
  {
    name: 'interface fields that all implementations grant are asked for once',
    given: { query: '{ node(id: 1) { id n: label } }' },
    expect: {
      document: '{ node(id: 1) { __typename id fg_n: label } }',
      projection: [
        'Query.node node',
        'Query.node/Contractor.id id scalars',
        'Query.node/Contractor.n fg_n scalars',
        'Query.node/Employee.id id scalars',
        'Query.node/Employee.n fg_n scalars',
        'Query.node/Office.id id scalars',
        'Query.node/Office.n fg_n scalars',
      ],
    },
  },
  {
    name: 'a field of one implementation is decided there',
    given: {
      query: '{ people { name ... on Employee { ssn } ... on Contractor { agency } } }',
      scopes: ['agency'],
    },
    expect: {
      document:
        '{ people { __typename ... on Contractor { name fg0_agency: agency } ... on Employee { name } } }',
      projection: [
        'Query.people people',
        'Query.people/Contractor.name name scalars',
        'Query.people/Contractor.agency fg0_agency',
        'Query.people/Employee.name name scalars',
        'Query.people/Employee.ssn denied Employee.ssn',
      ],
      denied: ['Employee.ssn'],
    },
  },
  {
    name: 'objects of different implementations do not meet under one key',
    given: { query: '{ people { boss { id } } }' },
    expect: {
      document:
        '{ people { __typename ... on Contractor { fg0_boss: boss { __typename id } } ... on Employee { fg1_boss: boss { __typename id } } } }',
    },
  },
  {
    name: 'one key, another field in each implementation',
    given: { query: '{ people { ... on Employee { x: label } ... on Contractor { x: code } } }' },
    expect: {
      document:
        '{ people { __typename ... on Contractor { fg_x: code } ... on Employee { fg_x: label } } }',
    },
  },
  {
    name: 'a union asks per member',
    given: { query: '{ hits { ... on Node { id } ... on Office { city } __typename } }' },
    expect: {
      document: '{ hits { __typename ... on Employee { id } ... on Office { id city } } }',
      projection: [
        'Query.hits hits',
        'Query.hits/Employee.id id scalars',
        'Query.hits/Employee.__typename typename',
        'Query.hits/Office.id id scalars',
        'Query.hits/Office.city city scalars',
        'Query.hits/Office.__typename typename',
      ],
    },
  },
  {
    name: 'a union of which nothing is asked',
    given: { query: '{ hits { __typename } }' },
    expect: { document: '{ hits { __typename } }' },
  },
  {
    name: 'an argument that only the implementations have',
    given: {
      query:
        '{ node(id: 1) { ... on Employee { code(form: "x") } ... on Contractor { code(form: "x") } ... on Office { code(form: "x") } } }',
    },
    expect: {
      document:
        '{ node(id: 1) { __typename ... on Contractor { code(form: "x") } ... on Employee { code(form: "x") } ... on Office { code(form: "x") } } }',
    },
  },
];

describe.each([
  { part: 'spelling', cases: spelling },
  { part: 'variables', cases: variables },
  { part: 'refusals', cases: refusing },
  { part: 'interfaces and unions', cases: abstract },
])('$part', ({ cases }) => {
  test.each(cases)('$name', async ({ given: { scopes = [], ...question }, expect: wanted }) => {
    const planned = accepted(await plan({ ...question, caller: withScopes(...scopes) }));
    expect(onOneLine(planned)).toBe(wanted.document);
    if (planned.document) expect(validate(executable, planned.document)).toEqual([]);
    if (wanted.projection) expect(linesOf(planned.projection)).toEqual(wanted.projection);
    if (wanted.denied) expect(planned.denied).toEqual(wanted.denied);
    if (wanted.masked) expect(planned.masked).toEqual(wanted.masked);
    if (wanted.allowed) expect([...planned.allowed].sort()).toEqual(wanted.allowed);
  });
});

const mutations: {
  name: string;
  given: PlanQuestion;
  expect: string | [reason: string, ...coordinates: string[]];
}[] = [
  {
    name: 'granted roots run',
    given: { query: 'mutation { a: rename(id: 1, name: "x") { id ssn } note }' },
    expect: 'mutation { fg_a: rename(id: 1, name: "x") { id } note }',
  },
  {
    name: 'one refused root refuses all',
    given: { query: 'mutation { note a: pay(id: 1) b: pay(id: 2) }' },
    expect: ['authorize/denied', 'Mutation.pay', 'Mutation.pay'],
  },
  {
    name: 'one that is skipped does not',
    given: { query: 'mutation { note pay(id: 1) @skip(if: true) }' },
    expect: 'mutation { note }',
  },
  {
    name: 'inside a fragment it does',
    given: { query: 'mutation { note ...F } fragment F on Mutation { pay(id: 1) }' },
    expect: ['authorize/denied', 'Mutation.pay'],
  },
  {
    name: 'who may write writes',
    given: { query: 'mutation { pay(id: 1) }', caller: withScopes('write') },
    expect: 'mutation { pay(id: 1) }',
  },
  {
    name: 'reject refuses a query as a whole',
    given: { query: '{ employee(id: 1) { id ssn pay } }' },
    expect: ['authorize/denied', 'Employee.pay'],
  },
  {
    name: 'reject behind an interface too',
    given: { query: '{ node(id: 1) { ... on Person { ... on Employee { pay } } } }' },
    expect: ['authorize/denied', 'Employee.pay'],
  },
  {
    name: 'reject of an enum value',
    given: { query: '{ employees(sort: SALARY) { id } }' },
    expect: ['authorize/denied', 'Sort.SALARY'],
  },
  {
    name: 'reject of an enum value beside inputs that are denied, whichever comes first by name',
    given: { query: '{ employees(ssn: 1, filter: { ssn: "1" }, sort: SALARY) { id } }' },
    expect: ['authorize/denied', 'Sort.SALARY'],
  },
  {
    name: 'what a refused field selects is not asked',
    given: { query: '{ employees(ssn: 1) { pay } people { id } }' },
    expect: '{ people { __typename id } }',
  },
];

test.each(mutations)('the whole operation: $name', async ({ given, expect: wanted }) => {
  const planned = await plan(given);
  if (planned instanceof Refusal) {
    expect([planned.reason, ...planned.coordinates]).toEqual(wanted);
  } else expect(onOneLine(planned)).toBe(wanted);
});

describe('introspection', () => {
  const query =
    'query ($d: Boolean!, $n: String!, $id: ID!) { employee(id: $id) { id } s: __schema { ...S } __type(name: $n) { name } } fragment S on __Schema { queryType { fields(includeDeprecated: $d) { name } } }';
  const variablesGiven = { d: true, n: 'Employee', id: '1' };

  test('runs apart, with its own variables', async () => {
    const planned = accepted(await plan({ query, variables: variablesGiven }));
    expect(onOneLine(planned)).toBe('query ($id: ID!) { employee(id: $id) { id } }');
    expect(planned.variableNames).toEqual(['id']);
    expect(linesOf(planned.projection)).toEqual([
      'Query.employee employee',
      'Query.employee/Employee.id id scalars',
      'Query.s introspection',
      'Query.__type introspection',
    ]);
    expect(introspectionOf(planned)).toBe(
      'query ($d: Boolean!, $n: String!) { fg0_s: __schema { ...S } fg1___type: __type(name: $n) { name } } fragment S on __Schema { queryType { fields(includeDeprecated: $d) { name } } }',
    );
  });

  test('alone calls no upstream', async () => {
    const planned = accepted(await plan({ query: '{ __schema { queryType { name } } }' }));
    expect(planned.document).toBeUndefined();
    expect(introspectionOf(planned)).toBe('{ fg0___schema: __schema { queryType { name } } }');
  });

  test('where it is not allowed refuses all, unless it is skipped', async () => {
    const forbidden = { introspectionAllowed: false, variables: variablesGiven };
    expect(await plan({ query, ...forbidden })).toMatchObject({
      reason: 'authorize/introspection',
    });
    const skipped = await plan({
      query: '{ people { id __typename } __schema @skip(if: true) { queryType { name } } }',
      introspectionAllowed: false,
    });
    expect(skipped).not.toBeInstanceOf(Refusal);
  });
});

describe('the budget of fields', () => {
  // people, and id and name for each of two implementations
  const query = '{ people { id name } }';

  test('counts every concrete type', async () => {
    expect(await plan({ query, fieldsMax: 4 })).toMatchObject({ reason: 'limits/too-many-fields' });
    expect(await plan({ query, fieldsMax: 5 })).not.toBeInstanceOf(Refusal);
  });

  test('stops interfaces in interfaces before they double without end', async () => {
    const deep = `{ people ${'{ boss '.repeat(8)}{ id }${' }'.repeat(8)} }`;
    expect(await plan({ query: deep, fieldsMax: 500 })).toMatchObject({
      reason: 'limits/too-many-fields',
    });
  });
});

test('the unexpected is refused: a coordinate that the policy does not know', async () => {
  const other = planning(sdl, rules);
  Reflect.apply(Map.prototype.delete, other.policy.fields, ['Employee.name']);
  const planned = accepted(await other.plan({ query: '{ employee(id: 1) { id name } }' }));
  expect(onOneLine(planned)).toBe('{ employee(id: 1) { id } }');
});
