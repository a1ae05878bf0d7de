/**
 * The world of the property test: two GraphQL upstreams, the join and links between them, and the
 * graph they should make. The unified SDL is written by hand, not composed, so that it says what
 * is expected rather than what is there.
 */
import { buildSchema, type GraphQLSchema } from 'graphql';

const inputs = `
  enum Kind { PERSON OFFICE HIDDEN }
  enum Sort { NAME SALARY SSN }
  enum Level { LOW HIGH }
  input Nested { level: Level = LOW, ssn: String, deeper: Nested, all: [Nested!] }
  input EmployeeFilter { nameLike: String, ssn: String, kinds: [Kind!], nested: Nested, any: [EmployeeFilter!] }
  input MetaInput { key: String!, secret: String, inner: MetaInput, tags: [String!] }
  input RenameInput { name: String, ssn: String, meta: MetaInput }`;

const queries = `
  echo(filter: EmployeeFilter, sort: Sort = NAME, text: String, numbers: [[Int]]): String
  employee(id: ID!): Employee
  employees(filter: EmployeeFilter, first: Int = 2, sort: Sort): [Employee!]!
  search(text: String!, kinds: [Kind!]): [Hit!]
  node(id: ID!): Node
  nodes(first: Int = 4): [Node]
  people: [Person!]!
  matrix: [[Person!]]!
  office: Office!`;

const mutations = `
  rename(id: ID!, input: RenameInput!): Employee
  note(text: String, meta: MetaInput): String`;

const person =
  'id: ID! label: String name: String! email: String office: Office tags(limit: Int = 1): [String!]';

const peopleTypes = `
  interface Node { id: ID! label: String }
  interface Person implements Node { ${person} }
  union Hit = Employee | Contractor | Office | Address
  type Contractor implements Person & Node { ${person} ssn: String agency: String! sponsor: Employee }
  type Office implements Node { id: ID! label: String! city: String! staff: [Person!]! grid: [[Employee!]!] }
  type Address { street: String! zip: String geo: Geo }
  type Geo { lat: Float lon: Float }`;

const employeePeople = `${person} ssn: String badge: Int managerId: ID level: Level! address: Address! reports: [Employee!]`;
const employeePay =
  'grade: String! salary(currency: String = "EUR"): Money accounts: [Account!]! assets: [Asset!] traces: [Traceable]';

const payTypes = `
  interface Traceable { trace: String }
  union Asset = Account | Payslip
  type Money { amount: Int! currency: String! }
  input BankQuery { bank: String, iban: String }
  input AccountQuery { iban: String, bank: BankQuery }
  type Payslip implements Traceable { trace: String! net: Int gross: Int of: Employee }`;
const account = 'id: ID! trace: String iban: String! ownerId: ID holder: Employee!';
const payQueries = `
  account(id: ID!): Account
  accounts(max: Int = 1, query: AccountQuery): [Account!]!
  assets: [Asset!]`;
const payMutations = 'pay(account: ID!, amount: Int): Account';

export const peopleSdl = `
  type Query { ${queries} }
  type Mutation { ${mutations} }
  ${inputs} ${peopleTypes}
  type Employee implements Person & Node { ${employeePeople} }`;

export const paySdl = `
  type Query { employeesById(ids: [ID!]!): [Employee]! ${payQueries} }
  type Mutation { ${payMutations} }
  ${payTypes}
  type Account implements Traceable { ${account} }
  type Employee { id: ID! ${employeePay} }`;

const unifiedSdl = `
  type Query { ${queries} employeesById(ids: [ID!]!): [Employee]! ${payQueries} }
  type Mutation { ${mutations} ${payMutations} }
  ${inputs} ${peopleTypes} ${payTypes}
  type Account implements Traceable { ${account} owner: Employee }
  type Employee implements Person & Node { ${employeePeople} ${employeePay} manager: Employee }`;

export const upstreamSchemas: Readonly<Record<string, GraphQLSchema>> = {
  people: buildSchema(peopleSdl),
  pay: buildSchema(paySdl),
};

export const unifiedSchema = buildSchema(unifiedSdl);

export const joins = {
  Employee: {
    key: 'id',
    people: { field: 'employee', argument: 'id' },
    pay: { field: 'employeesById', argument: 'ids', batch: true },
  },
};

export const links = {
  'Employee.manager': { upstream: 'people', field: 'employee', argument: 'id', from: 'managerId' },
  'Account.owner': { upstream: 'people', field: 'employee', argument: 'id', from: 'ownerId' },
};

/** What joins and links may ask an upstream for whatever the caller holds. */
export const plumbing: ReadonlySet<string> = new Set([
  'Query.employee',
  'Query.employeesById',
  'Employee.id',
  'Employee.managerId',
  'Account.ownerId',
]);
