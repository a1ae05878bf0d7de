/**
 * Guessing the schema without introspection, as clairvoyance does: names in bulk, and whatever
 * errors, suggestions, fragments, inputs, introspection and other callers' traces give away.
 *
 * Differential: two gateways, one whose upstream has an SSN that is hidden from the caller, one
 * whose upstream never had it. Answers must be the same to the byte, but for the request's id.
 */
import { createHash } from 'node:crypto';
import { getIntrospectionQuery } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import type { DocumentPolicy } from '../../gateway/limits/document-policy.ts';
import { createPersistedStore } from '../../gateway/limits/persisted-store.ts';
import {
  type QueryOptions,
  type TestAnswer,
  type TestGateway,
  testGateway,
} from '../support/gateway.ts';
import { obvious, played } from './obvious.ts';

/** Lines with a `#ssn` are those that one of the two upstreams does not have. */
const whole = /* GraphQL */ `
  type Query {
    employees(
      filter: EmployeeFilter
      sort: EmployeeSort = NAME
      ssn: String #ssn
      first: Int
    ): [Employee!]!
    employee(id: ID!): Employee
    employeeBySsn(ssn: String!): Employee #ssn
    people: [Person!]!
    anything: [Any!]!
  }
  type Mutation {
    rename(id: ID!, input: EmployeeInput!): Employee
    setSsn(id: ID!, ssn: String!): Employee #ssn
  }
  interface Person {
    id: ID!
    name: String!
    ssn: String #ssn
  }
  type Employee implements Person {
    ssn: String #ssn
    identity: Identity #ssn
    id: ID!
    name: String!
    status: Status
    manager: Employee
    documents(
      kind: String
      ssn: String #ssn
    ): [String!]!
  }
  type Contractor implements Person {
    id: ID!
    name: String!
    ssn: String #ssn
    agency: String
  }
  type Identity { number: String issued: String } #ssn
  union Any = Employee | Contractor
  enum EmployeeSort {
    NAME
    SSN_ASC #ssn
    SSN_DESC #ssn
    STATUS
  }
  enum Status { ACTIVE LEFT }
  input EmployeeFilter {
    name: String
    ssnStartsWith: String #ssn
    ssn: String #ssn
    any: [EmployeeFilter!]
  }
  input EmployeeInput {
    name: String
    ssn: String #ssn
  }
`;

const wholeRules = `
version: 1
rules:
  - name: directory
    fields:
      Query: [employees, employee, people, anything]
      Person: [id, name]
      Employee: [status, manager, documents]
      Contractor: [agency]
      Mutation: [rename]
      EmployeeInput: [name]
    allow: { scopes: [hr:read] }
  - name: denied-to-most
    fields: { Employee: [status] }
    require: { roles: [hr] }
#ssn
  - name: numbers
    class: government-id
    fields: { Person: [ssn], Identity: [number, issued] }
    allow: { scopes: [hr:ssn] }
    otherwise: [{ mask: last4, allow: { scopes: [hr:ssn4] } }, hide]
  - name: what-leads-to-them
    fields:
      Query: [employeeBySsn, "employees(ssn:)"]
      Mutation: [setSsn]
      Employee: [identity, "documents(ssn:)"]
      EmployeeSort: [SSN_ASC, SSN_DESC]
      EmployeeInput: [ssn]
    allow: { scopes: [hr:ssn] }
    otherwise: [hide]
`;
const wholeRates = `
version: 1
rates:
  - { name: all, per: caller, limit: 100000, window: 1h }
#ssn
  - { name: ids, class: government-id, per: caller, counts: records, limit: 10, window: 1h }
`;

const without = (text: string): string =>
  text
    .replace(/^.*#ssn\n/gm, (line) => (line.trim() === '#ssn' ? line : ''))
    .replace(/^#ssn\n[\s\S]*/m, '');

const ann = {
  __typename: 'Employee',
  id: '1',
  name: 'Ann',
  status: 'ACTIVE',
  ssn: '900-11-1111',
  documents: ['a'],
  identity: { number: '900-11-1111', issued: '2020' },
};
const cem = { __typename: 'Contractor', id: '2', name: 'Cem', ssn: '900-22-2222', agency: 'A' };
const data = {
  employees: [ann],
  employee: ann,
  employeeBySsn: ann,
  people: [ann, cem],
  anything: [cem, ann],
  rename: ann,
  setSsn: ann,
};

const manifestOf = (...texts: string[]): DocumentPolicy => ({
  documents: 'any',
  manifest: { byId: new Map(texts.map((text) => [sha256(text), text])), texts: new Set(texts) },
  persistedQueries,
});
const persistedQueries = { enabled: true, entriesMax: 100, bytesMax: 1_000_000 };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const trusted = 'query Trusted { employees { ssn } }';
const theirs = '{ employees { id ssn identity { number } } }';

const outsider: QueryOptions = { as: { scopes: ['hr:read'] } };
const clerk: QueryOptions = {
  as: { scopes: ['hr:read', 'hr:ssn'], roles: ['hr'], subject: 'clerk' },
};
const masked: QueryOptions = { as: { scopes: ['hr:read', 'hr:ssn4'], subject: 'masked' } };

let hiding: TestGateway;
let lacking: TestGateway;

async function gatewayOf(change: (text: string) => string, documents: DocumentPolicy) {
  const persisted = createPersistedStore(documents.persistedQueries);
  return testGateway({
    upstreams: { hr: played(change(whole), data) },
    rules: change(wholeRules),
    rates: change(wholeRates),
    documents,
    ...(persisted && { persisted }),
  });
}

beforeAll(async () => {
  expect(without(whole + wholeRules + wholeRates)).not.toMatch(/ssn|identity/i);
  hiding = await gatewayOf((text) => text, manifestOf(trusted));
  lacking = await gatewayOf(without, manifestOf());
  // Caches are warm with what others may see: a document is kept the second time, its plan the third.
  for (let times = 0; times < 3; times += 1) {
    const seen = await hiding.query(theirs, clerk);
    expect(seen.body.data?.employees).toEqual([
      { id: '1', ssn: ann.ssn, identity: { number: ann.identity.number } },
    ]);
    const shown = await hiding.query('{ employees { ssn } }', masked);
    expect(shown.body.data?.employees).toEqual([{ ssn: '•••••••1111' }]);
  }
  expect(await keep(hiding, theirs, clerk)).toMatchObject({ status: 200 });
});

/** Keeps a document by its hash, as Apollo's clients do. */
const keep = (gateway: TestGateway, query: string, about: QueryOptions) =>
  post(gateway, { query, extensions: apq(query) }, about);
const apq = (query: string) => ({ persistedQuery: { version: 1, sha256Hash: sha256(query) } });

async function post(gateway: TestGateway, body: object, about: QueryOptions): Promise<TestAnswer> {
  const authorization = `Bearer ${await gateway.tokenOf(about.as ?? {})}`;
  const headers = { 'content-type': 'application/json', authorization };
  return gateway.send({ headers, body: chunk(JSON.stringify(body)) });
}

async function* chunk(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** All of an answer but the id of its request, and rates, which count down. */
function comparable({ status, headers, text }: TestAnswer): unknown {
  const { 'x-request-id': id = '-', ratelimit: _, ...rest } = headers;
  return { status, headers: rest, text: text.replaceAll(id, 'ID') };
}

async function sameOnBoth(body: object, about: QueryOptions = outsider): Promise<TestAnswer> {
  const [first, second] = await Promise.all([
    post(hiding, body, about),
    post(lacking, body, about),
  ]);
  expect(comparable(first)).toEqual(comparable(second));
  return first;
}

const words =
  'ssn social security number tax id identity national government personal code no nr sin nino passport tin iban salary pay bank account birth date secret private hidden internal employee person user name mail phone address city zip country status kind type value amount total first last middle key token hash manager boss report team unit dept job title grade level start end created updated by at of'.split(
    ' ',
  );
const camel = (parts: readonly string[]): string =>
  parts.map((one, index) => (index === 0 ? one : one[0]?.toUpperCase() + one.slice(1))).join('');

/** 10,000 names: spellings of the hidden ones, then pairs and triples of the words above. */
function guesses(): string[] {
  const names = new Set<string>();
  const near = [
    'ssn',
    'SSN',
    'Ssn',
    'sSn',
    'ssns',
    '_ssn',
    'ssn_',
    'ss',
    'sn',
    'ssm',
    'snn',
    'ssnn',
    'socialSecurityNumber',
    'identity',
    'Identity',
    'identities',
  ];
  for (const name of near)
    for (const prefix of ['', 'employee', 'get', 'x']) names.add(prefix + name);
  for (const a of words) {
    names.add(a);
    names.add(a.toUpperCase());
    for (const b of words) {
      for (const name of [camel([a, b]), `${a}_${b}`, camel([a, b, 'ssn'])]) names.add(name);
    }
  }
  for (const name of ['id', 'name', 'status', 'manager', 'documents']) names.delete(name);
  return [...names].slice(0, 10_000);
}

describe('guessed names', () => {
  const names = guesses();
  const perDocument = 20;
  const bundles = Array.from({ length: names.length / perDocument }, (_, index) =>
    names.slice(index * perDocument, (index + 1) * perDocument),
  );

  it('10,000 field names', { timeout: 120_000 }, async () => {
    expect(names).toHaveLength(10_000);
    expect(names).toEqual(expect.arrayContaining(['ssn', 'SSN', 'identity']));
    for (const bundle of bundles) {
      const { body } = await sameOnBoth({ query: `{ employees { ${bundle.join(' ')} } }` });
      expect(body.errors).toHaveLength(perDocument);
    }
  });

  it('the same on the root, on interfaces, in inputs and enums', { timeout: 120_000 }, async () => {
    const close = names.filter((name) => /ssn|ident/i.test(name)).slice(0, 200);
    expect(close.length).toBe(200);
    for (const name of close) {
      for (const query of [
        `{ ${name} }`,
        `{ people { ${name} } }`,
        `{ employees(${name}: "1") { id } }`,
        `{ employees(filter: { ${name}: "1" }) { id } }`,
        `{ employees(sort: ${name}) { id } }`,
        `{ employees { documents(${name}: "1") } }`,
        `mutation { ${name} { id } }`,
        `{ __type(name: "${name}") { name fields { name } } }`,
      ]) {
        await sameOnBoth({ query });
      }
    }
  });
});

const filter = 'query Q($f: EmployeeFilter) { employees(filter: $f) { id } }';
const byVariable = 'query Q($s: EmployeeSort) { employees(sort: $s) { id } }';
const probes: { name: string; body: object }[] = [
  {
    name: 'introspection',
    body: { query: getIntrospectionQuery({ inputValueDeprecation: true }) },
  },
  {
    name: 'all types',
    body: { query: '{ __schema { types { name fields { name args { name } } } } }' },
  },
  { name: 'a hidden type', body: { query: '{ __type(name: "Identity") { name } }' } },
  {
    name: 'the fields of a type',
    body: { query: '{ __type(name: "Employee") { fields { name } } }' },
  },
  {
    name: 'possible types',
    body: { query: '{ __type(name: "Person") { fields { name } possibleTypes { name } } }' },
  },
  {
    name: 'values of an enum',
    body: {
      query: '{ __type(name: "EmployeeSort") { enumValues(includeDeprecated: true) { name } } }',
    },
  },
  {
    name: 'input fields',
    body: { query: '{ __type(name: "EmployeeFilter") { inputFields { name defaultValue } } }' },
  },
  { name: 'the field', body: { query: '{ employees { ssn } }' } },
  { name: 'the field with selections', body: { query: '{ employees { ssn { a } } }' } },
  { name: 'a hidden object without selections', body: { query: '{ employees { identity } }' } },
  { name: 'an alias', body: { query: '{ employees { id: ssn } }' } },
  { name: 'two names under one key', body: { query: '{ employees { x: ssn x: name } }' } },
  {
    name: 'a directive that skips it',
    body: { query: '{ employees { id ssn @skip(if: true) } }' },
  },
  {
    name: 'a fragment on a type',
    body: { query: '{ employees { ...F } } fragment F on Employee { ssn }' },
  },
  {
    name: 'a fragment on a hidden type',
    body: { query: '{ employees { ... on Identity { number } } }' },
  },
  {
    name: 'a fragment on an interface',
    body: { query: '{ employees { ... on Person { ssn } } }' },
  },
  {
    name: 'a fragment on a union member',
    body: { query: '{ anything { ... on Contractor { ssn agency } } }' },
  },
  { name: 'an argument', body: { query: '{ employees(ssn: "1") { id } }' } },
  { name: 'an argument of the wrong type', body: { query: '{ employees(ssn: 1) { id } }' } },
  {
    name: 'a filter that resembles it',
    body: { query: '{ employees(filter: { ssnStartsWith: "9" }) { id } }' },
  },
  { name: 'a filter in a variable', body: { query: filter, variables: { f: { ssn: '1' } } } },
  { name: 'a filter of the wrong type', body: { query: filter, variables: { f: { ssn: 1 } } } },
  {
    name: 'a filter deep down',
    body: { query: filter, variables: { f: { any: [{ ssnStartsWith: '9' }] } } },
  },
  { name: 'an unknown filter', body: { query: filter, variables: { f: { nothing: 1 } } } },
  { name: 'an enum value', body: { query: '{ employees(sort: SSN_ASC) { id } }' } },
  { name: 'an enum value in a variable', body: { query: byVariable, variables: { s: 'SSN_ASC' } } },
  {
    name: 'an enum value as default',
    body: { query: byVariable.replace('EmployeeSort', 'EmployeeSort = SSN_ASC') },
  },
  { name: 'a hidden mutation', body: { query: 'mutation { setSsn(id: 1, ssn: "1") { id } }' } },
  { name: 'a hidden mutation without arguments', body: { query: 'mutation { setSsn { id } }' } },
  {
    name: 'a hidden input of a mutation',
    body: { query: 'mutation { rename(id: 1, input: { ssn: "1" }) { id } }' },
  },
  { name: 'a hidden query', body: { query: '{ employeeBySsn(ssn: "1") { id } }' } },
  {
    name: 'a variable of a hidden type',
    body: { query: 'query Q($i: Identity) { employees { id } }' },
  },
  {
    name: 'data',
    body: {
      query:
        '{ employees { id name status documents manager { id } } people { name __typename } anything { ... on Contractor { agency } } }',
    },
  },
  {
    name: 'a write',
    body: { query: 'mutation { rename(id: 1, input: { name: "B" }) { name status } }' },
  },
  { name: "somebody's document by its hash", body: { extensions: apq(theirs) } },
  { name: 'a document of the manifest by its id', body: { documentId: sha256(trusted) } },
  { name: 'the same as a persisted query', body: { extensions: apq(trusted) } },
  { name: 'the same with its text', body: { query: trusted, extensions: apq(trusted) } },
];

describe('the same answer as from a schema without it', () => {
  it.each(probes)('$name', async ({ body }) => {
    const { text } = await sameOnBoth(body);
    expect(text).not.toMatch(/900-\d\d-|Did you mean/);
    await sameOnBoth(body, { as: { scopes: [], subject: 'nobody' } });
  });

  it('no upstream is asked for it, and nothing breaks', () => {
    const own = hiding.records.filter(({ caller }) => caller?.subject === 'someone');
    expect(own.length).toBeGreaterThan(1_000);
    expect(hiding.records.flatMap(({ faults }) => faults)).toEqual([]);
    const asked = hiding.requests.filter(({ query }) => /ssn|identity/i.test(query));
    // Those that warmed the caches.
    expect(asked).toHaveLength(7);
  });

  it('those who may have it see it', async () => {
    const query = '{ __type(name: "Employee") { fields { name } } people { ssn } }';
    const { body } = await hiding.query(query, clerk);
    expect(JSON.stringify(body.data)).toMatch(/"ssn".*"identity".*900-22-2222/);
    const { body: some } = await hiding.query('{ employees(sort: SSN_ASC) { ssn } }', masked);
    // A mask never permits an input: here it is hidden.
    expect(some.errors?.map(({ extensions }) => extensions.code)).toEqual([
      'GRAPHQL_VALIDATION_FAILED',
    ]);
  });
});

it('the obvious implementation tells at the first guess', async () => {
  const yoga = obvious({
    upstreams: { hr: played(whole, data) },
    rules: ({ scope }) => ({ Employee: { ssn: scope('hr:ssn') } }),
  });
  const { text } = await yoga.query('{ employees { ssm } }', outsider);
  expect(text).toMatch(/Did you mean .*ssn/);
});
