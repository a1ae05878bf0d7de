/** `test`: what a case expects against what its caller gets, coordinate by coordinate. */
import { describe } from 'vitest';
import { callers, type Row, testRows, withRule } from './cases-rig.ts';

const { reader, masked, payroll } = callers;

const verdicts: Row[] = [
  {
    name: 'an allow and a deny',
    as: reader,
    query: '{ people { id iban } }',
    expect: { 'Person.id': 'allow', 'Person.iban': 'deny' },
  },
  {
    name: 'what is not named is expected to be refused',
    as: reader,
    query: '{ people { id fullName iban } }',
    expect: { 'Person.id': 'allow' },
    fails: ['Person.fullName: deny, allow; by directory'],
  },
  {
    name: 'nothing is expected, and nothing is had',
    as: { scopes: [] },
    query: '{ people { id } }',
    expect: {},
  },
  {
    name: 'nothing is expected, and something is had',
    as: reader,
    query: '{ people { id } }',
    expect: {},
    fails: ['Query.people: deny, allow; by directory', 'Person.id: deny, allow; by directory'],
  },
  {
    name: 'an allow that is refused, with what is missing',
    as: reader,
    query: '{ people { iban } }',
    expect: { 'Person.iban': 'allow' },
    fails: ['Person.iban: allow, deny; missing scopes pay:read'],
  },
  {
    name: 'a mask',
    as: masked,
    query: '{ people { iban } }',
    expect: { 'Person.iban': 'mask' },
  },
  {
    name: 'a mask is no allow',
    as: masked,
    query: '{ people { iban } }',
    expect: { 'Person.iban': 'allow' },
    fails: ['Person.iban: allow, mask; by banking; missing scopes pay:read'],
  },
  {
    name: 'a mask is no deny',
    as: masked,
    query: '{ people { iban } }',
    expect: { 'Person.iban': 'deny' },
    fails: [
      'Person.iban: deny, mask; by banking; missing scopes pay:read',
      'Query.people: deny, allow; by directory',
    ],
  },
  {
    name: 'an allow is no mask',
    as: payroll,
    query: '{ people { iban } }',
    expect: { 'Person.iban': 'mask' },
    fails: ['Person.iban: mask, allow; by banking'],
  },
  {
    name: 'below a refused field nothing is had, whatever its own rule says',
    as: { scopes: ['pay:read'] },
    query: '{ people { salary } }',
    expect: { 'Query.people': 'deny' },
  },
  {
    name: 'an allow below a refused field',
    as: { scopes: ['pay:read'] },
    query: '{ people { salary } }',
    expect: { 'Person.salary': 'allow' },
    fails: ['Person.salary: allow, deny; because Query.people'],
  },
  {
    name: 'a field on the way to two things, and refused for one of them alone',
    as: reader,
    query: '{ people { id } person(personId: "1") { boss { salary } } }',
    expect: { 'Person.id': 'allow', 'Person.salary': 'deny', 'Person.boss': 'allow' },
  },
  {
    name: 'each way to what is expected is implied',
    as: reader,
    query: '{ people { id friends { id } } }',
    expect: { 'Person.id': 'allow' },
  },
  {
    name: 'but for a way that is expected to be closed',
    as: { scopes: ['people:read'] },
    query: '{ people { id } accounts { iban } }',
    expect: { 'Person.id': 'allow', 'Account.iban': 'allow', 'Query.accounts': 'deny' },
    fails: [
      'Person.id: allow, deny; whole authorize/denied',
      'Account.iban: allow, deny; whole authorize/denied; missing scopes pay:read',
    ],
  },
  {
    name: 'a forbidden field, with its rule',
    as: payroll,
    query: '{ accounts { iban note } }',
    expect: { 'Account.iban': 'allow', 'Account.note': 'allow' },
    fails: ['Account.note: allow, deny; by notes'],
  },
  {
    name: 'claims',
    as: { scopes: ['people:read'], claims: { team: 'hr' } },
    query: '{ people { salary } }',
    expect: { 'Person.salary': 'allow' },
  },
  {
    name: 'claims of another value',
    as: { scopes: ['people:read'], claims: { team: 'it' } },
    query: '{ people { salary } }',
    expect: { 'Person.salary': 'allow' },
    fails: ['Person.salary: allow, deny; missing (scopes pay:read) or (claims.team hr or 7)'],
  },
  {
    name: 'what is below a way that is expected to be closed is not implied',
    as: reader,
    query: '{ person(personId: "1") { id boss { id friends { id } } } }',
    expect: { 'Person.id': 'allow', 'Person.boss': 'deny' },
    files: withRule('Person: [boss]', '{ roles: [chief] }', (text) => text.replace(' boss,', '')),
  },
  {
    name: 'of several refusals on the way the first is named',
    as: { scopes: ['pay:read'] },
    query: '{ people { boss { salary } } }',
    expect: { 'Person.salary': 'allow' },
    fails: [
      'Person.salary: allow, deny; because Query.people',
      'Person.boss: allow, deny; for Person.salary; missing scopes people:read',
    ],
  },
  {
    name: 'aliases change nothing',
    as: reader,
    query: '{ a: people { id: iban } b: people { iban: id } }',
    expect: { 'Person.id': 'allow', 'Person.iban': 'deny' },
  },
];

const wholes: Row[] = [
  {
    name: 'a field that no rule lists hides the whole operation',
    as: reader,
    query: '{ people { id bossId } }',
    expect: { 'Person.bossId': 'hidden' },
  },
  {
    name: 'and so fails what is expected beside it',
    as: reader,
    query: '{ people { id bossId } }',
    expect: { 'Person.bossId': 'deny', 'Person.id': 'allow' },
    fails: ['Person.id: allow, deny; whole limits/invalid'],
  },
  {
    name: 'reject, at its word',
    as: reader,
    query: '{ accounts { iban } }',
    expect: { 'Query.accounts': 'reject' },
  },
  {
    name: 'a deny is no reject, and not hidden',
    as: reader,
    query: '{ people { iban salary } }',
    expect: { 'Query.people': 'allow', 'Person.iban': 'reject', 'Person.salary': 'hidden' },
    fails: [
      'Person.iban: reject, deny; missing scopes pay:read',
      'Person.salary: hidden, deny; missing (scopes pay:read) or (claims.team hr or 7)',
    ],
  },
  {
    name: 'too long a list: nothing of it runs',
    as: reader,
    query: '{ people(limit: 100000) { id } }',
    expect: { 'Query.people': 'deny' },
  },
  {
    name: 'too long a list, expected to run',
    as: reader,
    query: '{ people(limit: 100000) { id } }',
    expect: { 'Person.id': 'allow' },
    fails: ['Person.id: allow, deny; whole limits/list-too-large'],
  },
  {
    name: 'too dear, expected to run',
    as: payroll,
    query: '{ people { friends { iban boss { id } } } }',
    expect: { 'Person.id': 'allow', 'Person.iban': 'deny' },
    fails: ['Person.id: allow, deny; whole limits/too-costly'],
  },
  {
    name: 'a limit that refuses the document for everybody',
    as: reader,
    query: `{ people ${'{ boss '.repeat(60)}{ id }${' }'.repeat(60)} }`,
    expect: { 'Person.id': 'allow', 'Person.boss': 'deny' },
    fails: ['Person.id: allow, deny; whole limits/too-deep'],
  },
  {
    name: 'introspection beside it is no coordinate',
    as: reader,
    query: '{ __typename __schema { queryType { name } } people { id __typename } }',
    expect: { 'Person.id': 'allow' },
  },
];

const anonymous: Row[] = [
  ...[undefined, 'anonymous'].map((as) => ({
    name: `${as ?? 'absent'}, not let in`,
    ...(as && { as }),
    query: '{ people { id } }',
    expect: { 'Query.people': 'deny' },
  })),
  {
    name: 'not let in, and expected to be',
    query: '{ people { id } }',
    expect: { 'Person.id': 'allow' },
    fails: ['Person.id: allow, deny; whole identify/missing; missing scopes people:read'],
  },
];

describe('verdicts', () => testRows(verdicts));
describe('operations that are refused as a whole', () => testRows(wholes));
describe('the anonymous caller', () => testRows(anonymous));
