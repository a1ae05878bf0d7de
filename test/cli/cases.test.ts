/** `test`: what a case expects against what its caller gets, coordinate by coordinate. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { writeFiles } from '../support/config-files.ts';
import { makeDatabase } from '../support/mmdb.ts';
import { type GivenCase, judged, judgedIn, toYaml, withCases } from './cases-rig.ts';
import { type Files, people, peopleWith, runCommand } from './run-command.ts';

const reader = { scopes: ['people:read'] };
const masked = { scopes: ['people:read', 'pay:masked'] };
const payroll = { scopes: ['people:read', 'pay:read'] };
const editor = { scopes: ['people:read'], roles: ['editor'] };
const tagged = { scopes: ['people:read', 'tags:read'] };

const access = 'policies/access/people.yaml';

/** One rule more, over rules that may be changed. */
const withRule = (fields: string, allow: string, change = (text: string) => text): Files =>
  peopleWith({
    [access]: (text) =>
      `${change(text)}  - { name: more, fields: { ${fields} }, allow: ${allow} }\n`,
  });

interface Row extends GivenCase {
  readonly name: string;
  readonly files?: Files;
  /** What fails; none: the case passes. */
  readonly fails?: readonly string[];
}

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
    name: 'too dear: nothing of it runs',
    as: reader,
    query: '{ people(limit: 100000) { id } }',
    expect: { 'Query.people': 'deny' },
  },
  {
    name: 'too dear, expected to run',
    as: reader,
    query: '{ people(limit: 100000) { id } }',
    expect: { 'Person.id': 'allow' },
    fails: ['Person.id: allow, deny; whole limits/list-too-large'],
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

describe.each([
  ['verdicts', verdicts],
  ['fragments', fragments],
  ['interfaces', interfaces],
  ['arguments and input fields', inputs],
  ['operations that are refused as a whole', wholes],
  ['the anonymous caller', anonymous],
] as const)('%s', (_, rows) => {
  test.each(rows)('$name', async ({ fails = [], files, ...one }) => {
    const { code, stderr, lines } = await judged(one, files);
    expect({ stderr, lines }).toEqual({ stderr: '', lines: fails });
    expect(code).toBe(fails.length === 0 ? 0 : 1);
  });
});

/** Readers of a rule on place and time. */
function situated(allow: string, more: Files = {}): Files {
  const files = peopleWith({
    [access]: (text) =>
      text.replace(
        'fields: { Person: [salary] }',
        `fields: { Person: [salary] }\n    require: ${allow}`,
      ),
  });
  return { ...files, ...more };
}

const paying = (as: object): GivenCase => ({
  as: { ...payroll, ...as },
  query: '{ people { salary } }',
  expect: { 'Person.salary': 'allow' },
});

describe('networks', () => {
  const lists = 'version: 1\nlists: { office: { file: office.txt }, blocked: { file: b.txt } }\n';
  const files = situated('{ network: office }', {
    'policies/network/default.yaml': `${lists}deny: [blocked]\n`,
    'policies/network/office.txt': '192.0.2.0/24\n2001:db8::/32\n',
    'policies/network/b.txt': '198.51.100.0/24\n',
  });
  const rows = [
    { name: 'on the list', address: '192.0.2.7', fails: [] },
    { name: 'on the list, version 6', address: '2001:db8::1', fails: [] },
    {
      name: 'not on it',
      address: '203.0.113.7',
      fails: ['Person.salary: allow, deny; missing network office'],
    },
    {
      name: 'blocked',
      address: '198.51.100.1',
      fails: ['Person.salary: allow, deny; whole admit/ip-blocked; missing network office'],
    },
    {
      name: 'nothing is said of the address: no list has it, and it is let in',
      address: undefined,
      fails: ['Person.salary: allow, deny; missing network office'],
    },
  ];
  test.each(rows)('$name', async ({ address, fails }) => {
    const { lines } = await judged(paying({ ...(address && { address }) }), files);
    expect(lines).toEqual(fails);
  });

  test('an address alone is the anonymous caller there', async () => {
    const open = (text: string) => text.replace('identity:', 'identity:\n  anonymous: allow');
    const everyone = (text: string) => `${text}
  - { name: visitors, fields: { Query: [person], Person: [fullName] }, allow: { network: office } }
`;
    const all = {
      ...files,
      'gateway.yaml': open(files['gateway.yaml'] ?? ''),
      'policies/access/people.yaml': everyone(files['policies/access/people.yaml'] ?? ''),
    };
    const query = '{ person(personId: "1") { fullName } }';
    const wanted = { 'Person.fullName': 'allow' };
    const there = { as: { address: '192.0.2.7' }, query, expect: wanted };
    expect((await judged(there, all)).lines).toEqual([]);
    const elsewhere = { as: { address: '203.0.113.7' }, query, expect: wanted };
    expect((await judged(elsewhere, all)).lines).toEqual([
      'Person.fullName: allow, deny; missing scopes people:read; missing network office',
      'Query.person: allow, deny; for Person.fullName; missing scopes people:read; missing network office',
    ]);
  });

  test('lists that cannot be read: exit 2, and where', async () => {
    const { 'policies/network/office.txt': _, ...without } = files;
    const { code, said } = await judged(paying({ address: '192.0.2.7' }), without);
    expect(code).toBe(2);
    expect(said.problems).toMatchObject([{ file: expect.stringContaining('office.txt') }]);
  });

  const countries = [
    { name: 'of the country', address: '5.5.1.1', fails: [] },
    {
      name: 'of another',
      address: '9.9.9.9',
      fails: ['Person.salary: allow, deny; missing regions DE'],
    },
    {
      name: 'of one that may not come in',
      address: '7.7.7.7',
      fails: ['Person.salary: allow, deny; whole admit/region-blocked; missing regions DE'],
    },
  ];
  test.each(countries)('a country: $name', async ({ address, fails }) => {
    const regions = 'version: 1\nregions: { database: c.mmdb, deny: [RU] }\n';
    const ruled = situated('{ regions: [DE] }', { 'policies/network/default.yaml': regions });
    const directory = await writeFiles(withCases(toYaml([paying({ address })]), ruled));
    const database = makeDatabase({
      '5.0.0.0/8': { country_code: 'DE' },
      '9.0.0.0/8': { country_code: 'FR' },
      '7.0.0.0/8': { country_code: 'RU' },
    });
    await writeFile(join(directory, 'policies/network/c.mmdb'), database);
    expect((await judgedIn(directory)).lines).toEqual(fails);
  });
});

describe('hours', () => {
  const files = situated(
    '{ hours: { days: [mon], from: "09:00", to: "17:00", zone: Europe/Berlin } }',
  );
  const late = ['Person.salary: allow, deny; missing hours of Europe/Berlin'];
  test.each([
    { name: 'within', now: '2026-03-02T08:00:00Z', fails: [] },
    { name: 'within, by another offset', now: '2026-03-02T10:30:00.5+02:00', fails: [] },
    { name: 'before', now: '2026-03-02T07:59:59Z', fails: late },
    { name: 'another day', now: '2026-03-03T09:00:00Z', fails: late },
    { name: 'summer time', now: '2026-07-06T07:00Z', fails: [] },
    { name: 'nothing is said of the time: no hours hold', now: undefined, fails: late },
  ])('$name', async ({ now, fails }) => {
    const { lines } = await judged(paying({ ...(now && { now }) }), files);
    expect(lines).toEqual(fails);
  });
});

describe('what is hidden from some', () => {
  const files = peopleWith({
    [access]: (text) =>
      text.replace(
        'claims: { team: [hr, 7] } }] }',
        'claims: { team: [hr, 7] } }] }\n    otherwise: [hide]',
      ),
  });
  test.each([
    { as: payroll, expected: 'allow', fails: [] },
    { as: reader, expected: 'hidden', fails: [] },
    { as: reader, expected: 'deny', fails: [] },
    {
      as: reader,
      expected: 'reject',
      fails: [
        'Person.salary: reject, hidden; whole limits/invalid; missing (scopes pay:read) or (claims.team hr or 7)',
      ],
    },
    {
      as: payroll,
      expected: 'hidden',
      fails: [
        'Person.salary: hidden, allow; by salaries',
        'Query.people: deny, allow; by directory',
      ],
    },
  ])('$expected', async ({ as, expected, fails }) => {
    const one = { as, query: '{ people { salary } }', expect: { 'Person.salary': expected } };
    expect((await judged(one, files)).lines).toEqual(fails);
  });
});

describe('what is said', () => {
  const text = `version: 1
cases:
  - name: a reader sees no bank account
    as: { scopes: [people:read] }
    query: "{ people { id fullName iban } }"
    expect: { Person.id: allow, Person.iban: allow }
  - name: payroll does
    as: { scopes: [people:read, pay:read] }
    query: |
      {
        people { iban }
      }
    expect:
      Person.iban: allow
`;

  test('for people: a line for each problem with its place, then the count', async () => {
    const { code, stdout, stderr, directory } = await runCommand(['test'], withCases(text));
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
    const file = `${directory}/policies/access/people.cases.yaml`;
    const rules = `${directory}/policies/access/people.yaml`;
    const name = 'a reader sees no bank account';
    expect(stdout.trimEnd().split('\n')).toEqual([
      `${file}:6:33: ${name}: Person.iban: expected allow, found deny: missing scopes pay:read (banking, ${rules}:15)`,
      `${file}:6:5: ${name}: Person.fullName: expected deny, found allow: by directory (${rules}:3)`,
      '1 case passed, 1 failed',
    ]);
  });

  test('for scripts: every case, with its problems', async () => {
    const { code, stdout, directory } = await runCommand(['test', '--json'], withCases(text));
    const file = `${directory}/policies/access/people.cases.yaml`;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      cases: [
        {
          name: 'a reader sees no bank account',
          file,
          line: 3,
          ok: false,
          problems: [
            {
              coordinate: 'Person.iban',
              expected: 'allow',
              found: 'deny',
              line: 6,
              column: 33,
              missing: [{ needs: 'allow', rule: { name: 'banking', line: 15 } }],
            },
            { coordinate: 'Person.fullName', rule: { name: 'directory', line: 3 } },
          ],
        },
        { name: 'payroll does', file, line: 7, ok: true, problems: [] },
      ],
    });
  });

  test('why an operation is refused as a whole', async () => {
    const one = { as: reader, query: '{ people { id bossId } }', expect: { 'Person.id': 'allow' } };
    const { stdout } = await runCommand(['test'], withCases(toYaml([one])));
    expect(stdout).toContain(
      'the operation is refused (limits/invalid: Cannot query field "bossId" on type "Person".)',
    );
  });

  const whole = '{ people { salary iban } }';
  const whys = [
    {
      name: 'what it stands in is refused',
      as: { scopes: ['pay:read'] },
      expect: { 'Person.salary': 'allow' },
      says: ': Person.salary: expected allow, found deny: Query.people is refused: missing scopes people:read (directory, ',
    },
    {
      name: 'a mask',
      as: masked,
      expect: { 'Person.iban': 'allow' },
      says: ': Person.iban: expected allow, found mask last4: by banking (',
    },
    {
      name: 'what is on the way',
      as: { scopes: [] },
      expect: { 'Person.salary': 'allow' },
      says: ': Query.people: expected allow, on the way to Person.salary, found deny: missing scopes people:read (directory, ',
    },
    {
      name: 'a field that no rule lists',
      as: reader,
      query: '{ people { bossId } }',
      expect: { 'Person.bossId': 'allow' },
      says: '; no rule allows it\n',
    },
  ];
  test.each(whys)('why: $name', async ({ as, query = whole, expect: expected, says }) => {
    const { stdout } = await runCommand(
      ['test'],
      withCases(toYaml([{ as, query, expect: expected }])),
    );
    expect(stdout).toContain(says);
  });

  test('a name holds no line breaks of its own', async () => {
    const one = { name: 'a\nb', as: reader, query: '{ people { id } }', expect: {} };
    const { stdout } = await runCommand(['test'], withCases(toYaml([one])));
    expect(stdout).toContain(': a?b: Query.people:');
  });

  test.each([
    { name: 'no file', files: people },
    { name: 'an empty one', files: withCases('cases: []\n') },
  ])('no cases are no success: $name', async ({ files }) => {
    const ran = await runCommand(['test'], files);
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 1, stderr: '' });
    expect(ran.stdout).toMatch(/^there are no cases: .*policies has one\n$/);
    const { code, stdout } = await runCommand(['test', '--json'], files);
    expect({ code, said: JSON.parse(stdout) }).toEqual({ code: 1, said: { ok: false, cases: [] } });
  });

  test('cases beside the policies of every folder', async () => {
    const one = (name: string) =>
      toYaml([{ name, as: reader, query: '{ people { id } }', expect: { 'Person.id': 'allow' } }]);
    const files = {
      ...people,
      'policies/access/b.cases.yml': one('b'),
      'policies/access/a.cases.yaml': one('a'),
      'policies/rates/r.cases.yaml': one('r'),
      'policies/limits/l.cases.yaml': one('l'),
      'policies/network/n.cases.yaml': one('n'),
    };
    const { code, stdout } = await runCommand(['test', '--json'], files);
    const names = JSON.parse(stdout).cases.map((found: { name: string }) => found.name);
    expect({ code, names }).toEqual({ code: 0, names: ['a', 'b', 'l', 'r', 'n'] });
  });
});
