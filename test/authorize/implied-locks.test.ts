/**
 * What filters mean: spellings that must be found, and names that ordinary graphs have and that
 * mean nothing protected. Every filter in `open` has to stay open.
 */
import { buildSchema, isInputObjectType } from 'graphql';
import { describe, expect, test } from 'vitest';
import { compilePolicy } from '../../gateway/authorize/compile-policy.ts';
import { policyOf, rulesOf } from './policy-rig.ts';

const types = `
  type Employee {
    id: ID name: String department: String hiredOn: String email: String status: String code: Code
    ssn: String birthDate: String bankAccounts: [BankAccount!] pay: Pay manager: Employee
    office: Office photo: Photo grade: Grade nationalIds: [String!] age: Int
  }
  type BankAccount { id: ID iban: String bank: String country: String }
  type Pay { amount: Float currency: String month: String }
  type Office { id: ID name: String country: String floor: Floor }
  type Floor { number: Int rooms: [Room!] }
  type Room { desk: Desk }
  type Desk { serial: String owner: Employee }
  type Photo { url: String }
  type Page { items: [Employee!] total: Int pageInfo: PageInfo }
  type PageInfo { hasNextPage: Boolean }
  type Weather { city: String }
  type Statistics { total: Int mean: Float groups: [Bucket!] }
  type Bucket { key: String count: Int }
  type Check { exists: Boolean }
  type Plot { id: ID country: String totalArea: Int }
  enum SearchIn { EVERYTHING SSN }
  enum Score { GRADE_HIGH_TO_LOW GRADE_UP TOP_GRADE LOWEST_GRADE NAME_UP _grade_0a1b2c }
  input Match { searchBy: SearchIn text: String }
  scalar Code
  scalar JSON
  enum Grade { A B }
  enum Column { id name ssn department }
  enum Kind { SSN PASSPORT OTHER }
  enum Sort { NAME BIRTH_DATE_DESC birth_date_asc }
  input Where { and: [Where!] or: [Where!] not: Where ssn: Text department: Text hiredOn: Day bank_accounts: Bank pay: PayWhere }
  input Text { eq: String in: [String!] ssn: String }
  input Day { before: String month: String }
  input Bank { iban: Text bank: Text country: Text }
  input PayWhere { amount: Range currency: String }
  input Range { min: Float max: Float }
  input SsnRange { from: String to: String }
  input By { asc: Boolean ssn: Boolean }
`;
const rules = `- { name: open, fields: { Query: ["*"], Employee: ["*"], BankAccount: [id, bank, country], Office: ["*"], Floor: ["*"], Room: ["*"], Desk: ["*"], Page: ["*"] }, allow: everyone }
- { name: pay, class: pay, fields: { Pay: ["*"] }, allow: { scopes: [pay] } }
- { name: secret, class: secret, fields: { Employee: [ssn, birthDate, nationalIds, code, grade, age], BankAccount: [iban], Photo: [url], Desk: [serial] }, allow: { scopes: [secret] } }`;

/** The locks that one field's arguments bring, without its name. */
function locksOf(args: string, returned = '[Employee!]', more = ''): Record<string, string> {
  const { filters } = policyOf(`type Query { find(${args}): ${returned} } ${types}`, rules + more);
  return Object.fromEntries(
    [...filters.values()].map(({ coordinate, means, by }) => [
      coordinate.replace(/^Query\.find\((\w+):\)$/, '$1'),
      `${means.join(' ')} ${by}`,
    ]),
  );
}

const ssn = 'Employee.ssn name';
const born = 'Employee.birthDate name';
const iban = 'BankAccount.iban name';
const closed = [
  ...['ssn', 'SSN', 's_s_n', '_ssn', 'ssns', 'ssn_eq', 'ssn_not', 'ssn_not_in', 'ssn_gt'],
  ...['ssnStartsWith', 'ssn_starts_with', 'ssnContains', 'ssnIn', 'minSsn', 'ssnMax', 'bySsn'],
  ...['employeeSsn', 'employee_ssn_like', 'filterBySsn', 'ssnIsNull', 'hasSsn', 'ssnLast4'],
  ...['ssn_ge', 'ssnRegexp', 'ssnUpTo', 'topSsn', 'ssnSubstring', 'ssnFloor', 'ssnPercentile'],
  ...['managerSsn', 'manager_ssn_gte', 'candidateSsn', 'nameOrSsn', 'employeeBySsn', 'ssn2'],
].map((name) => ({ name, expect: ssn }));
const others = [
  ...['birthDate', 'birth_date_lt', 'birthDateBefore', 'bornBirthDate'].map((name) => ({
    name,
    expect: born,
  })),
  ...['iban', 'ibans', 'bankAccountIban', 'bank_accounts_iban_in', 'bankAccountsIBAN'].map(
    (name) => ({ name, expect: iban }),
  ),
  { name: 'nationalId', expect: 'Employee.nationalIds name' },
  { name: 'payAmount_gte', expect: 'Pay.amount name' },
  { name: 'pay', expect: 'Pay.amount Pay.currency Pay.month name' },
  { name: 'minPay', expect: 'Pay.amount Pay.currency Pay.month name' },
  { name: 'amount', expect: 'Pay.amount name' },
  { name: 'photoUrl', expect: 'Photo.url name' },
];

describe('names that mean a classified field', () => {
  test.each([...closed, ...others])('$name', ({ name, expect: meant }) => {
    expect(locksOf(`${name}: String`)).toEqual({ [name]: meant });
  });
});

const open = [
  ...['id', 'ids', 'id_in', 'name', 'nameLike', 'department', 'hiredOnAfter', 'email', 'status'],
  ...['first', 'last', 'after', 'before', 'limit', 'offset', 'page', 'pageSize', 'cursor', 'skip'],
  ...['locale', 'includeDeleted', 'managerId', 'managerName', 'officeCountry', 'country', 'bank'],
  ...['page_le', 'language', 'village', 'role', 'title', 'knowledge', 'createdBy', 'up', 'topic'],
  ...['session', 'sent', 'lesson', 'passenger', 'date', 'number', 'total', 'usage', 'manager'],
  ...['q', 'search', 'filter', 'orderBy', 'tags', 'type', 'kind', 'value', 'text', 'language'],
].map((name) => ({ name }));

describe('names that ordinary graphs have', () => {
  test.each(open)('$name', ({ name }) => {
    expect(locksOf(`${name}: String`)).toEqual({});
  });
});

const places = [
  { name: 'a page', given: ['ssn: ID', 'Page'], expect: { ssn } },
  { name: 'a count at the root', given: ['ssn: ID', 'Int'], expect: { ssn } },
  {
    name: 'an object that counts alone',
    given: ['ssn: ID birthDateAfter: ID country: ID', 'Statistics'],
    expect: { ssn, birthDateAfter: born },
  },
  {
    name: 'the answer of a check',
    given: ['ssnStartsWith: ID', 'Check'],
    expect: { ssnStartsWith: ssn },
  },
  { name: 'a thing that has a total', given: ['ssn: ID', 'Plot'], expect: {} },
  { name: 'what leads nowhere near', given: ['ssn: ID country: ID', 'Weather'], expect: {} },
  {
    name: 'three steps away',
    given: ['serial: ID', 'Office'],
    expect: { serial: 'Desk.serial name' },
  },
  { name: 'further away', given: ['serial: ID', '[Employee]'], expect: {} },
  {
    name: 'further away by its path',
    given: ['officeFloorRoomsDeskSerial: ID'],
    expect: { officeFloorRoomsDeskSerial: 'Desk.serial name' },
  },
  {
    name: 'a type of its own',
    given: ['x: Code, y: Grade, z: Kind'],
    expect: { x: 'Employee.code type', y: 'Employee.grade type' },
  },
  {
    name: 'a type called like a field',
    given: ['range: SsnRange'],
    expect: { range: 'Employee.ssn type' },
  },
  {
    name: 'a description',
    given: ['"The SSN, or its end." a: String "by birth date" b: String "`ssn`" c: String'],
    expect: {
      a: 'Employee.ssn description',
      b: 'Employee.birthDate description',
      c: 'Employee.ssn description',
    },
  },
  {
    name: 'a description of something else',
    given: [
      '"The name of a country, at most 20, in the order of their ids." a: String "code" b: ID',
    ],
    expect: {},
  },
  {
    name: 'filters that are objects',
    given: ['where: Where'],
    expect: {
      'Where.ssn': ssn,
      'Bank.iban': iban,
      'Where.pay': 'Pay.amount Pay.currency Pay.month name',
      'PayWhere.amount': 'Pay.amount name',
      'PayWhere.currency': 'Pay.currency name',
      'Text.ssn': ssn,
    },
  },
  {
    name: 'orders',
    given: ['sort: Sort'],
    expect: { 'Sort.BIRTH_DATE_DESC': born, 'Sort.birth_date_asc': born },
  },
  { name: 'an order that is an object', given: ['orderBy: [By!]'], expect: { 'By.ssn': ssn } },
  { name: 'columns by any name', given: ['by: [Column!]'], expect: { 'Column.ssn': ssn } },
  ...['in', 'searchIn', 'searchBy', 'by', 'field', 'columns', 'key', 'facets', 'rankBy'].map(
    (name) => ({
      name: `what is searched: ${name}`,
      given: [`${name}: [SearchIn!]`],
      expect: { 'SearchIn.SSN': ssn },
    }),
  ),
  { name: 'what is searched, below', given: ['match: Match'], expect: { 'SearchIn.SSN': ssn } },
  {
    name: 'orders in other words',
    given: ['sort: Score'],
    expect: Object.fromEntries(
      ['GRADE_HIGH_TO_LOW', 'GRADE_UP', 'LOWEST_GRADE', 'TOP_GRADE', '_grade_0a1b2c'].map(
        (value) => [`Score.${value}`, 'Employee.grade name'],
      ),
    ),
  },
  { name: 'an enum of other things', given: ['kind: Kind'], expect: {} },
];
test.each(places)('$name', ({ given: [args = '', returned], expect: locks }) => {
  expect(locksOf(args, returned)).toEqual(locks);
});

test('a description speaks of what is returned, and of what is further away where that has no such field', () => {
  const text = '"By `name`, or by `serial`." by: String';
  const more = `
- { name: places, class: place, fields: { Office: [name] }, allow: { scopes: [place] } }`;
  expect(locksOf(text, '[Employee!]', more)).toEqual({});
  expect(locksOf(text, '[Office!]', more)).toEqual({
    by: 'Desk.serial Office.name description',
  });
  expect(locksOf(text, '[Room!]', more)).toEqual({ by: 'Desk.serial Office.name description' });
});

const idCases = [
  { name: 'open where it has no class', given: 'Employee', classed: '', expect: {} },
  {
    name: 'closed where it has',
    given: 'Employee',
    classed: 'Employee: [id]',
    expect: { id: 'Employee.id name' },
  },
  {
    name: 'open where one kind of object has an open one',
    given: 'Any',
    classed: 'Employee: [id]',
    expect: {},
  },
  {
    name: 'closed where all kinds have a closed one',
    given: 'Any',
    classed: 'Employee: [id], Office: [id]',
    expect: { id: 'Employee.id Office.id name' },
  },
];
test.each(idCases)('an id is $name', ({ given, classed, expect: locks }) => {
  const more =
    classed && `\n- { name: ids, class: id, fields: { ${classed} }, allow: { scopes: [id] } }`;
  expect(
    locksOf('id: ID', `${given} any: Any } union Any = Employee | Office type More { a: Int`, more),
  ).toEqual(locks);
});

/** Input types in a ring, each the filter of a type of its own: how often what says nothing is read. */
function readsInRing(length: number): number {
  const each = (text: (at: number, next: number) => string): string =>
    Array.from({ length }, (_, at) => text(at, (at + 1) % length)).join('\n');
  const schema = buildSchema(`
    type Query { ${each((at) => `t${at}(by: F${at}): [T${at}]`)} }
    ${each((at) => `type T${at} { id: ID ssn: String }`)}
    ${each((at, next) => `input F${at} { town: String ssn: String other: F${next} }`)}
  `);
  let reads = 0;
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isInputObjectType(type)) continue;
    Object.defineProperty(type.getFields().town, 'description', {
      get: () => {
        reads += 1;
      },
    });
  }
  const items = `
- { name: open, fields: { Query: ["*"] }, allow: everyone }
- { name: ids, class: id, fields: { ${each((at) => `T${at}: [ssn]`).replaceAll('\n', ', ')} }, allow: { scopes: [x] } }
`;
  const { filters } = compilePolicy(schema, rulesOf(items), { anonymousAllowed: true });
  // Each may be reached from every field of the query.
  expect(filters.get('F0.ssn')?.means).toHaveLength(length);
  return reads;
}

test('what means nothing anywhere is read once, from however many fields it is reached', () => {
  expect(readsInRing(12) / 12).toBe(readsInRing(6) / 6);
});
