/**
 * A field that a caller may not have is found out through what filters and sorts by it: twenty-odd
 * requests for each digit, none of which reads it. A filter that means a classified field needs its
 * grant, whole, in every spelling. On real sockets.
 */
import { createHash } from 'node:crypto';
import { buildSchema, graphql } from 'graphql';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PlayedUpstream, playUpstream, type Served, serveFiles } from '../support/served.ts';

const sdl = /* GraphQL */ `
  type Query {
    employees(ssnStartsWith: String, filter: EmployeeFilter, sortBy: EmployeeSort, orderBy: [EmployeeOrder!], salaryMin: Int, iban: String, department: String, first: Int = 10): [Employee!]!
    staff(where: EmployeeFilter, first: Int, after: String, number: TaxCode): EmployeeConnection!
    people(ssn_gt: String): [Person!]!
    anybody(ssns: [String!]): [Anybody!]!
    countEmployees(ssn_like: String): Int!
    headcount(ssnStartsWith: String): Headcount
    searched(searchIn: [SearchIn!], text: String): [Employee!]!
    citizen(ssn: String!): Employee
    employee(id: ID!): Employee
    team(id: ID!): Team
    lookup("The social security number (SSN) of a person." n: String, "How many" limit: Int): [Employee!]!
    found(ssn: String): [Employee!]!
    opened(ssn: String): [Employee!]!
  }
  scalar TaxCode
  type Headcount { total: Int }
  enum SearchIn { EVERYTHING SSN }
  interface Person { id: ID! name: String! ssn: String matches(ssn: String): Boolean }
  type Employee implements Person {
    id: ID! name: String! ssn: String department: String managerSsn: String manager: Employee salary: Salary taxCode: TaxCode
    accounts: [Account!]! matches(ssn: String): Boolean reports(filter: EmployeeFilter): EmployeeConnection
  }
  type Contractor implements Person { id: ID! name: String! ssn: String agency: String matches(ssn: String): Boolean }
  union Anybody = Employee | Contractor
  type Salary { amount: Int currency: String }
  type Account { iban: String bank: String }
  type EmployeeConnection { edges: [EmployeeEdge!]! totalCount: Int }
  type EmployeeEdge { node: Employee! cursor: String }
  type Team { id: ID! members(filter: EmployeeFilter, first: Int): EmployeeConnection }
  input EmployeeFilter {
    name: StringFilter ssn: StringFilter ssn_not_in: [String!] and: [EmployeeFilter!] not: EmployeeFilter
    accounts: AccountFilter manager: EmployeeFilter managerSsnPrefix: String
  }
  input AccountFilter { iban: StringFilter bank: StringFilter }
  input StringFilter { eq: String startsWith: String in: [String!] }
  input EmployeeOrder { field: EmployeeField! descending: Boolean }
  enum EmployeeSort { NAME_ASC NAME_DESC SSN_ASC SSN_DESC }
  enum EmployeeField { id name ssn department }
`;

const paySdl = `
  type Query { bonuses(ssns: [String!]!): [Employee]! }
  type Employee { ssn: String! bonus: Int }
`;

const access = `version: 1
rules:
  - name: directory
    fields:
      Query: [employees, staff, people, anybody, countEmployees, headcount, searched, citizen, employee, team, lookup, found, opened, bonuses]
      Person: [id, name, matches]
      Employee: [department, manager, reports, bonus]
      EmployeeConnection: [edges, totalCount]
      EmployeeEdge: [node, cursor]
      Team: [id, members]
      Headcount: [total]
    allow: { scopes: [hr:read] }
  - name: ids
    class: government-id
    fields: { Employee: [ssn, managerSsn], Contractor: [ssn] }
    allow: { scopes: [hr:ssn] }
    otherwise: [{ mask: last4, allow: { scopes: [hr:masked] } }, deny]
  - { name: tax, class: tax, fields: { Employee: [taxCode] }, allow: { scopes: [hr:ssn] } }
  - { name: pay, class: pay, fields: { Employee: [salary], Salary: ["*"] }, allow: { scopes: [pay] } }
  - { name: banking, class: banking, fields: { Employee: [accounts], Account: ["*"] }, allow: { scopes: [pay] } }
  - { name: opened, fields: { Query: ["opened(ssn:)"] }, allow: { scopes: [hr:read] } }
  - { name: wide, fields: { StringFilter: ["*"], AccountFilter: ["*"] }, allow: everyone }
`;

const secret = '9471';
const boss = { __typename: 'Employee', id: '2', name: 'Bo', ssn: '1002', managerSsn: null };
const ada = { ...boss, id: '1', name: 'Ada', ssn: secret, managerSsn: boss.ssn };
const found = ({ ssn = '', ssnStartsWith = ssn }: { ssn?: string; ssnStartsWith?: string }) =>
  [ada, boss].filter((one) => one.ssn.startsWith(ssnStartsWith));
const connection = { edges: [{ node: ada, cursor: 'c' }], totalCount: 1 };
const root = {
  employees: found,
  found,
  opened: found,
  lookup: [ada],
  staff: connection,
  people: [ada],
  anybody: [ada],
  countEmployees: 1,
  headcount: { total: 1 },
  searched: [ada],
  citizen: ({ ssn }: { ssn: string }) => [ada, boss].find((one) => one.ssn === ssn),
  employee: ada,
  team: { id: 't', members: connection },
  bonuses: ({ ssns }: { ssns: string[] }) => ssns.map((ssn) => ({ ssn, bonus: Number(ssn) % 100 })),
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const keys = {
  reader: '[hr:read]',
  masked: '[hr:read, hr:masked]',
  clerk: '[hr:read, hr:ssn]',
  payroll: '[hr:read, hr:ssn, pay]',
};
type Who = keyof typeof keys;

let asked: string[] = [];
let upstream: PlayedUpstream;
let gateway: Served & AsyncDisposable;

beforeAll(async () => {
  const schemas = { '/hr': buildSchema(sdl), '/pay': buildSchema(paySdl) };
  upstream = await playUpstream(async ({ url }, response, body) => {
    const { query: source, variables: variableValues } = JSON.parse(body);
    asked.push(source);
    response.writeHead(200, { 'content-type': 'application/json' });
    const schema = schemas[url === '/pay' ? url : '/hr'];
    const result = await graphql({ schema, source, variableValues, rootValue: root });
    response.end(JSON.stringify(result));
  });
  const entries = Object.entries(keys).map(
    ([who, scopes]) => `  - { sha256: ${sha256(who)}, client: ${who}, scopes: ${scopes} }`,
  );
  gateway = await serveFiles({
    'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
upstreams:
  hr: { graphql: hr.graphql, url: "${upstream.url}/hr" }
  pay: { graphql: pay.graphql, url: "${upstream.url}/pay" }
joins:
  Employee:
    key: ssn
    hr: { field: citizen, argument: ssn }
    pay: { field: bonuses, argument: ssns, batch: true }
links: { Employee.manager: { upstream: hr, field: citizen, argument: ssn, from: managerSsn } }
identity: { apiKeys: { file: keys.yaml } }
introspection: authenticated
`,
    'hr.graphql': sdl.replace('manager: Employee salary', 'salary'),
    'pay.graphql': paySdl,
    'keys.yaml': `version: 1\nkeys:\n${entries.join('\n')}\n`,
    'policies/access/hr.yaml': access,
  });
});
beforeEach(() => {
  asked = [];
});
afterAll(async () => {
  await gateway?.close();
  await upstream?.close();
});

async function ask(query: string, who: Who, variables: object = {}) {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': who },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors = [] } = (await response.json()) as {
    data?: Record<string, unknown>;
    errors?: { message: string; extensions: { code: string; coordinate?: string } }[];
  };
  return { data, errors: errors.map(({ extensions }) => extensions) };
}

/** Digit by digit, by what comes back for a prefix. */
async function bisect(field: string, who: Who): Promise<string> {
  let known = '';
  for (let digits = 0; digits < secret.length; digits += 1) {
    for (let digit = 0; digit < 10; digit += 1) {
      const { data } = await ask(`{ ${field}: "${known}${digit}") { id } }`, who);
      const [rows] = Object.values(data ?? {});
      if (!JSON.stringify(rows ?? []).includes('"1"')) continue;
      known += digit;
      break;
    }
  }
  return known;
}

it('an SSN is found out through a filter that a rule opens, and through no other', async () => {
  expect(await bisect('opened(ssn', 'reader')).toBe(secret);
  expect(await bisect('found(ssn', 'reader')).toBe('');
  expect(await bisect('employees(ssnStartsWith', 'masked')).toBe('');
});

interface Spelling {
  name: string;
  given: string;
  variables?: object;
  coordinate: string;
  /** Who may; the clerk unless told. */
  who?: Who;
}
const rows = (use: string, declared = '') => `query ${declared} { employees(${use}) { id } }`;
const starts = 'Query.employees(ssnStartsWith:)';
const spellings: Spelling[] = [
  { name: 'a literal', given: rows('ssnStartsWith: "9"'), coordinate: starts },
  {
    name: 'a variable',
    given: rows('ssnStartsWith: $s', '($s: String)'),
    variables: { s: '9' },
    coordinate: starts,
  },
  {
    name: "a variable's default",
    given: rows('ssnStartsWith: $s', '($s: String = "9")'),
    coordinate: starts,
  },
  {
    name: 'an alias',
    given: '{ id: employees(ssnStartsWith: "9") { name: id } }',
    coordinate: starts,
  },
  {
    name: 'a fragment',
    given: '{ ...F } fragment F on Query { ... { employees(ssnStartsWith: "9") { id } } }',
    coordinate: starts,
  },
  {
    name: 'beside a harmless filter',
    given: rows('department: "x", ssnStartsWith: "9", first: 1'),
    coordinate: starts,
  },
  {
    name: 'an input object',
    given: rows('filter: { ssn: { startsWith: "9" } }'),
    coordinate: 'EmployeeFilter.ssn',
  },
  {
    name: 'deep in one',
    given: rows('filter: { and: [{ not: { ssn_not_in: ["9"] } }] }'),
    coordinate: 'EmployeeFilter.ssn_not_in',
  },
  {
    name: 'an input object by a variable',
    given: rows('filter: $f', '($f: EmployeeFilter)'),
    variables: { f: { manager: { ssn: { eq: '1' } } } },
    coordinate: 'EmployeeFilter.ssn',
  },
  {
    name: 'a part of one by a variable',
    given: rows('filter: { ssn: $f }', '($f: StringFilter)'),
    variables: { f: { eq: '1' } },
    coordinate: 'EmployeeFilter.ssn',
  },
  {
    name: 'a field further on by its path',
    given: rows('filter: { managerSsnPrefix: "9" }'),
    coordinate: 'EmployeeFilter.managerSsnPrefix',
  },
  { name: 'an order', given: rows('sortBy: SSN_ASC'), coordinate: 'EmployeeSort.SSN_ASC' },
  {
    name: 'an order by a variable',
    given: rows('sortBy: $s', '($s: EmployeeSort)'),
    variables: { s: 'SSN_DESC' },
    coordinate: 'EmployeeSort.SSN_DESC',
  },
  {
    name: 'an order in an input object',
    given: rows('orderBy: [{ field: ssn }]'),
    coordinate: 'EmployeeField.ssn',
  },
  {
    name: 'a connection',
    given: '{ staff(where: { ssn: { eq: "9" } }) { edges { node { id } } } }',
    coordinate: 'EmployeeFilter.ssn',
  },
  {
    name: 'what a connection counts alone',
    given: '{ staff(where: { ssn: { eq: "9" } }) { totalCount } }',
    coordinate: 'EmployeeFilter.ssn',
  },
  {
    name: 'a type of its own',
    given: '{ staff(number: "9") { totalCount } }',
    coordinate: 'Query.staff(number:)',
  },
  {
    name: 'a nested connection',
    given: '{ team(id: 1) { members(filter: { ssn: { eq: "9" } }, first: 1) { totalCount } } }',
    coordinate: 'EmployeeFilter.ssn',
  },
  {
    name: 'an interface',
    given: '{ people(ssn_gt: "9") { id } }',
    coordinate: 'Query.people(ssn_gt:)',
  },
  {
    name: 'a field of an interface',
    given: '{ people { matches(ssn: "9") } }',
    coordinate: 'Employee.matches(ssn:)',
  },
  {
    name: 'a union',
    given: '{ anybody(ssns: ["9"]) { __typename } }',
    coordinate: 'Query.anybody(ssns:)',
  },
  {
    name: 'a count',
    given: '{ countEmployees(ssn_like: "9%") }',
    coordinate: 'Query.countEmployees(ssn_like:)',
  },
  {
    name: 'an object that counts',
    given: '{ headcount(ssnStartsWith: "9") { total } }',
    coordinate: 'Query.headcount(ssnStartsWith:)',
  },
  {
    name: 'what is searched in',
    given: 'query ($in: [SearchIn!] = SSN) { searched(searchIn: $in, text: "9") { id } }',
    coordinate: 'SearchIn.SSN',
  },
  {
    name: 'the key of a join',
    given: '{ bonuses(ssns: ["9471"]) { bonus } }',
    coordinate: 'Query.bonuses(ssns:)',
  },
  { name: 'a key', given: '{ citizen(ssn: "9471") { id } }', coordinate: 'Query.citizen(ssn:)' },
  {
    name: 'a description',
    given: '{ lookup(n: "9") { id } }',
    coordinate: 'Query.lookup(n:)',
  },
  {
    name: 'an object of classified fields alone',
    given: rows('salaryMin: 5'),
    coordinate: 'Query.employees(salaryMin:)',
    who: 'payroll',
  },
  {
    name: 'a field of what it leads to',
    given: rows('iban: "DE"'),
    coordinate: 'Query.employees(iban:)',
    who: 'payroll',
  },
  {
    name: 'what a wildcard opens',
    given: rows('filter: { not: { accounts: { iban: { eq: "DE" } } } }'),
    coordinate: 'AccountFilter.iban',
    who: 'payroll',
  },
];

describe('a filter on what the caller may not have whole', () => {
  it.each(spellings)('is refused, and nobody asked: $name', async ({ given, ...one }) => {
    for (const who of ['reader', 'masked'] as const) {
      const { data, errors } = await ask(given, who, one.variables);
      expect(JSON.stringify(data)).not.toMatch(/true|false|[0-9]/);
      expect(errors).toEqual([{ code: 'FORBIDDEN', coordinate: one.coordinate }]);
    }
    expect(asked.join()).not.toMatch(/ssn|iban|salary|number|\bn:/i);
  });

  it.each(spellings)(
    'is open to who has it: $name',
    async ({ given, who = 'clerk', variables }) => {
      const { errors } = await ask(given, who, variables);
      expect(errors).toEqual([]);
      expect(asked.length).toBeGreaterThan(0);
    },
  );
});

it('other filters, ids and pages are open with their field', async () => {
  for (const given of [
    rows('department: "x", first: 1, filter: { name: { startsWith: "A" } }, sortBy: NAME_ASC'),
    rows('orderBy: [{ field: department, descending: true }]'),
    '{ employee(id: 1) { id } team(id: 1) { members(first: 1) { totalCount } } }',
    '{ staff(first: 1, after: "c") { edges { cursor } } lookup(limit: 1) { id } }',
  ]) {
    expect(await ask(given, 'reader')).toMatchObject({ errors: [] });
  }
});

it('joins and links go on through keys that callers may not use', async () => {
  const { data, errors } = await ask('{ found { bonus manager { name bonus } } }', 'reader');
  expect(errors).toEqual([]);
  expect(data).toEqual({
    found: [
      { bonus: 71, manager: { name: 'Bo', bonus: 2 } },
      { bonus: 2, manager: null },
    ],
  });
});
