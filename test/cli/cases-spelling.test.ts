/** `test`: fragments, interfaces, arguments and input fields: cases go by coordinates, however they are reached. */
import { describe } from 'vitest';
import { access, callers, type Row, testRows, withRule } from './cases-rig.ts';
import { people, peopleWith } from './run-command.ts';

const { reader, payroll, editor, tagged } = callers;

const fragments: Row[] = [
  {
    name: 'a fragment',
    as: reader,
    query: 'query { people { ...Parts } } fragment Parts on Person { id iban }',
    expect: { 'Person.id': 'allow', 'Person.iban': 'deny' },
  },
  {
    name: 'what a fragment brings is judged',
    as: payroll,
    query: 'query { people { ...Parts } } fragment Parts on Person { id iban }',
    expect: { 'Person.id': 'allow' },
    fails: ['Person.iban: deny, allow; by banking'],
  },
  {
    name: 'an inline fragment',
    as: reader,
    query: '{ people { ... on Person { id } ... { iban } } }',
    expect: { 'Person.id': 'allow', 'Person.iban': 'deny' },
  },
  {
    name: 'what @skip leaves out is not touched',
    as: reader,
    query: 'query ($no: Boolean!) { people { id fullName @skip(if: $no) } }',
    variables: { no: true },
    expect: { 'Person.id': 'allow' },
  },
  {
    name: 'what @skip leaves in is',
    as: reader,
    query: 'query ($no: Boolean!) { people { id fullName @skip(if: $no) } }',
    variables: { no: false },
    expect: { 'Person.id': 'allow' },
    fails: ['Person.fullName: deny, allow; by directory'],
  },
  {
    name: 'one operation of several',
    as: reader,
    query: 'query A { things { label } } query B { people { id } }',
    operation: 'B',
    expect: { 'Person.id': 'allow' },
  },
];

const interfaces: Row[] = [
  {
    name: 'at each concrete type',
    as: reader,
    query: '{ things { label } }',
    expect: { 'Book.label': 'allow', 'Pen.label': 'deny' },
  },
  {
    name: 'by the interface, for all',
    as: { ...reader, roles: ['clerk'] },
    query: '{ things { label } }',
    expect: { 'Thing.label': 'allow' },
    files: peopleWith({
      [access]: (text) => text.replace('require: { roles: [clerk] }', 'allow: { roles: [clerk] }'),
    }),
  },
  {
    name: 'by the interface, refused for all',
    as: { scopes: [] },
    query: '{ things { label } }',
    expect: { 'Thing.label': 'deny' },
  },
  {
    name: 'by the interface, where one is refused',
    as: reader,
    query: '{ things { label } }',
    expect: { 'Thing.label': 'allow' },
    fails: ['Pen.label: allow, deny; missing roles clerk'],
  },
  ...[
    { 'Thing.label': 'allow', 'Pen.label': 'deny' },
    { 'Pen.label': 'deny', 'Thing.label': 'allow' },
  ].map((expected) => ({
    name: `the type itself goes before the interface: ${Object.keys(expected)}`,
    as: reader,
    query: '{ things { label } }',
    expect: expected,
  })),
  {
    name: 'one type alone',
    as: reader,
    query: '{ things { ... on Pen { label } } }',
    expect: { 'Thing.label': 'deny', 'Query.things': 'allow' },
  },
];

const withTag = 'query ($tag: String) { people(tag: $tag) { id } }';
const inputs: Row[] = [
  {
    name: 'an argument with a rule, on the way to an allow',
    as: tagged,
    query: '{ people(tag: "x") { id } }',
    expect: { 'Person.id': 'allow' },
  },
  {
    name: 'the same without the grant',
    as: reader,
    query: '{ people(tag: "x") { id } }',
    expect: { 'Person.id': 'allow' },
    fails: ['Person.id: allow, deny; because Query.people(tag:)'],
  },
  {
    name: 'the argument expected to be refused',
    as: reader,
    query: '{ people(tag: "x") { id } }',
    expect: { 'Query.people(tag:)': 'deny' },
  },
  {
    name: 'the argument expected to be refused, and granted',
    as: tagged,
    query: '{ people(tag: "x") { id } }',
    expect: { 'Query.people(tag:)': 'deny' },
    fails: [
      'Query.people(tag:): deny, allow; by tags',
      'Query.people: deny, allow; by directory',
      'Person.id: deny, allow; by directory',
    ],
  },
  {
    name: 'two spellings of one field, one of them with the argument',
    as: reader,
    query: '{ a: people(tag: "x") { id } b: people { id } }',
    expect: { 'Query.people(tag:)': 'deny', 'Person.id': 'allow' },
  },
  {
    name: 'what is granted for itself, beside something refused on the same field',
    as: tagged,
    query: '{ a: people(tag: "x", limit: 1) { id } b: people { id } }',
    expect: { 'Query.people(limit:)': 'deny', 'Person.id': 'allow' },
    files: withRule('Query: ["people(limit:)"]', '{ roles: [chief] }'),
  },
  {
    name: 'what is given below a refused field, of a field that is had elsewhere',
    as: { scopes: ['one:read', 'pay:read'] },
    query: '{ person(personId: "1") { salary } people { salary(year: 1) } }',
    expect: { 'Person.salary': 'allow', 'Query.people': 'deny' },
    files: {
      ...withRule('Query: [person]', '{ scopes: [one:read] }', (text) =>
        text.replace('[salary]', '[salary, "salary(year:)"]'),
      ),
      'pay.graphql': (people['pay.graphql'] ?? '').replace('salary:', 'salary(year: Int):'),
    },
  },
  {
    name: 'an argument that a variable brings',
    as: reader,
    query: withTag,
    variables: { tag: 'x' },
    expect: { 'Query.people(tag:)': 'deny' },
  },
  {
    name: 'an argument whose variable has no value',
    as: reader,
    query: withTag,
    expect: { 'Person.id': 'allow' },
  },
  {
    name: 'an argument without a rule goes with its field',
    as: reader,
    query: '{ people(limit: 1) { id } }',
    expect: { 'Query.people(limit:)': 'allow', 'Query.people': 'allow', 'Person.id': 'allow' },
  },
  {
    name: 'an argument without a rule, of a refused field',
    as: { scopes: [] },
    query: '{ people(limit: 1) { id } }',
    expect: { 'Query.people(limit:)': 'deny' },
  },
  {
    name: 'an argument without a rule is refused by nobody alone',
    as: reader,
    query: '{ people(limit: 1) { id } }',
    expect: { 'Query.people(limit:)': 'deny', 'Query.people': 'allow', 'Person.id': 'allow' },
    fails: ['Query.people(limit:): deny, allow'],
  },
  {
    name: 'a write, with its input fields implied',
    as: editor,
    query: 'mutation { rename(personId: "7", input: { fullName: "x" }) { id } }',
    expect: { 'Mutation.rename': 'allow', 'Person.id': 'allow' },
  },
  {
    name: 'a write that is refused, so all of it is',
    as: reader,
    query: 'mutation { rename(personId: "7", input: { fullName: "x" }) { id } }',
    expect: { 'Mutation.rename': 'deny' },
  },
  {
    name: 'a write that is refused, expected to run',
    as: reader,
    query: 'mutation { rename(personId: "7", input: { fullName: "x" }) { id } }',
    expect: { 'Person.id': 'allow' },
    fails: ['Person.id: allow, deny; whole authorize/denied'],
  },
  {
    name: 'an input field that no rule lists',
    as: editor,
    query: 'mutation ($i: PersonUpdateInput!) { rename(personId: "7", input: $i) { id } }',
    variables: { i: { bossId: '9' } },
    expect: { 'PersonUpdateInput.bossId': 'hidden', 'Mutation.rename': 'deny' },
  },
  {
    name: 'an input field that no rule lists, expected to be granted',
    as: editor,
    query: 'mutation { rename(personId: "7", input: { bossId: "9" }) { id } }',
    expect: { 'PersonUpdateInput.bossId': 'allow' },
    fails: ['PersonUpdateInput.bossId: allow, hidden; whole limits/invalid'],
  },
  {
    name: 'enum values and input fields of a query',
    as: payroll,
    query: '{ accounts(orderBy: NOTE, filter: { note: "x" }) { iban } }',
    expect: {
      'AccountOrder.NOTE': 'allow',
      'AccountFilter.note': 'allow',
      'Account.iban': 'allow',
    },
  },
];

describe('fragments', () => testRows(fragments));
describe('interfaces', () => testRows(interfaces));
describe('arguments and input fields', () => testRows(inputs));
