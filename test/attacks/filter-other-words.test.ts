/**
 * Filters that call a classified field by another word: who may not have `birthDate` finds it by `dob`,
 * and day by day by an age.
 */
import { beforeEach, expect, it } from 'vitest';
import { type TestCaller, testGateway } from '../support/gateway.ts';
import { played } from './obvious.ts';

const sdl = /* GraphQL */ `
  type Query {
    people(
      dob: String, dob_gte: String, minAge: Int, bornOn: String, bornBefore: String, born_after: String, birthMonth: Int, monthOfBirth: Int, socialSecurityNumber: String, socialSecurityNo: String,
      "Born on this day: the date of birth." d: String, "The social security number." n: String,
      wageMin: Int, mobile: String, sort: Order, filter: Filter,
      tag: String, page: Int, payPeriod: String, manager: String, disabled: Boolean, "Of the page." p: Int
    ): [Person!]
    deep(dob: String): [Team!]
    desks(dob: String, mobile: String): [Desk!]
  }
  enum Order { AGE_DESC WAGE_ASC NAME_ASC }
  input Filter { dob: DateFilter name: String and: [Filter!] }
  input DateFilter { before: String }
  type Person { id: ID! name: String birthDate: String ssn: String salary: Int phoneNumber: String team: String }
  type Team { id: ID! lead: Person }
  type Desk { id: ID! dob: String mobile: String }
`;
const gateway = await testGateway({
  upstreams: {
    hr: played(sdl, { people: [{ id: '1' }], deep: [{ id: '1' }], desks: [{ id: '1' }] }),
  },
  rules: `
version: 1
rules:
  - { name: open, fields: { Query: [people, deep, desks], Person: [id, name, team], Team: [id, lead], Desk: [id, dob, mobile] }, allow: everyone }
  - { name: secret, class: secret, fields: { Person: [birthDate, ssn, salary, phoneNumber] }, allow: { scopes: [s] } }
`,
});
const clerk: TestCaller = { scopes: ['s'] };

beforeEach(() => {
  gateway.requests.length = 0;
});

it.each([
  ['people(dob: "1990")', 'Query.people(dob:)'],
  ['people(dob_gte: "1990")', 'Query.people(dob_gte:)'],
  ['people(minAge: 30)', 'Query.people(minAge:)'],
  ['people(bornOn: "1990")', 'Query.people(bornOn:)'],
  ['people(bornBefore: "1990")', 'Query.people(bornBefore:)'],
  ['people(born_after: "1990")', 'Query.people(born_after:)'],
  ['people(birthMonth: 5)', 'Query.people(birthMonth:)'],
  ['people(monthOfBirth: 5)', 'Query.people(monthOfBirth:)'],
  ['people(socialSecurityNumber: "9")', 'Query.people(socialSecurityNumber:)'],
  ['people(socialSecurityNo: "9")', 'Query.people(socialSecurityNo:)'],
  ['people(d: "1990")', 'Query.people(d:)'],
  ['people(n: "9")', 'Query.people(n:)'],
  ['people(wageMin: 1)', 'Query.people(wageMin:)'],
  ['people(mobile: "0")', 'Query.people(mobile:)'],
  ['people(sort: AGE_DESC)', 'Order.AGE_DESC'],
  ['people(sort: WAGE_ASC)', 'Order.WAGE_ASC'],
  ['people(filter: { and: [{ dob: { before: "1990" } }] })', 'Filter.dob'],
  ['deep(dob: "1990")', 'Query.deep(dob:)'],
])('%s needs the grant', async (given, coordinate) => {
  const { body } = await gateway.query(`{ ${given} { id } }`);
  expect(body.errors?.map(({ extensions }) => extensions.coordinate)).toEqual([coordinate]);
  expect(gateway.requests).toEqual([]);
  const granted = await gateway.query(`{ ${given} { id } }`, { as: clerk });
  expect(granted.body.errors).toBeUndefined();
});

it('what is its own field, or another thing, stays open', async () => {
  for (const given of [
    'people(tag: "x", page: 1, payPeriod: "m", manager: "x", disabled: true, p: 1, sort: NAME_ASC)',
    'people(filter: { name: "x" })',
    'desks(dob: "x", mobile: "x")',
  ]) {
    const { body } = await gateway.query(`{ ${given} { id } }`);
    expect([given, body.errors]).toEqual([given, undefined]);
  }
});
