/** `matrix`: who gets a column, what their cells say, and how it is printed. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cellOf, matrixOf, sayCell, tableOf, withAnonymous, withRules } from './matrix-rig.ts';
import { type Files, people, runCommand, runIn } from './run-command.ts';

const directory =
  '  - { name: directory, fields: { Query: [people, person], Person: [id, boss] }, allow: { scopes: [people] } }\n';
/** One classified field, in front of which the directory stands. */
const salary = (rule: string, more = '', files: Files = {}): Files =>
  withRules(
    `${directory}  - { name: pay, class: pay, fields: { Person: [salary] }, ${rule} }\n${more}`,
    files,
  );

const office = {
  'policies/network/lists.yaml':
    'version: 1\nlists: { office: { file: o.txt }, vpn: { file: v.txt } }\nregions: { database: c.mmdb }\n',
};

const callerCases: { name: string; files: Files; args?: string[]; expect: string[] }[] = [
  {
    name: 'somebody with nothing, each condition, and what opens a way to it',
    files: salary('allow: { scopes: [pay] }'),
    expect: ['known, with nothing', 'scope pay', 'scopes pay people'],
  },
  {
    name: 'anonymous where they are let in',
    files: withAnonymous(salary('allow: { scopes: [people] }')),
    expect: ['anonymous', 'known, with nothing', 'scope people'],
  },
  {
    name: 'every way of an any, a list of roles, claims and clients, without larger sets',
    files: salary(
      'allow: { any: [{ roles: [a, b] }, { claims: { team: [hr, 7] } }, { clients: [app] }, { roles: [a], scopes: [x] }] }',
      '  - { name: open, fields: { Query: [people] }, allow: authenticated }\n',
    ),
    expect: [
      'known, with nothing',
      'role a',
      'role b',
      'claims.team hr',
      'claims.team 7',
      'client app',
    ],
  },
  {
    name: 'a require is joined to each grant, and two clients are nobody',
    files: withRules(
      `  - { name: directory, fields: { Query: [people] }, allow: everyone }
  - { name: pay, class: pay, fields: { Person: [salary] }, allow: { any: [{ scopes: [pay] }, { clients: [app] }] } }
  - { name: app, fields: { Person: [salary] }, require: { clients: [other] } }
`,
    ),
    expect: ['known, with nothing', 'scope pay, client other'],
  },
  {
    name: 'who may have it masked',
    files: withRules(
      `${directory}  - { name: iban, class: banking, fields: { Person: [iban] }, allow: { scopes: [people, pay] }, otherwise: [{ mask: last4, allow: { scopes: [people] } }, deny] }\n`,
    ),
    expect: ['known, with nothing', 'scopes pay people', 'scope people'],
  },
  {
    name: 'nobody for what is forbidden',
    files: salary('forbid: true'),
    expect: ['known, with nothing'],
  },
  {
    name: 'place and time are no callers',
    files: salary(
      'allow: { any: [{ all: [{ scopes: [people] }, { hours: { days: [mon], from: "08:00", to: "18:00", zone: UTC } }] }] }',
    ),
    expect: ['known, with nothing', 'scope people'],
  },
  {
    name: 'who needs no place stands beside who does',
    files: salary(
      'allow: { any: [{ regions: [CH] }, { scopes: [people] }, { network: office }] }',
      '',
      office,
    ),
    expect: ['known, with nothing', 'scope people'],
  },
  {
    name: '--as in their place, in either form',
    files: salary('allow: { scopes: [pay] }'),
    args: ['--as', '[{"scope":"pay people"},{"scopes":["people"]}]'],
    expect: ['{"scope":"pay people"}', '{"scopes":["people"]}'],
  },
  {
    name: '--as with one',
    files: withAnonymous(salary('allow: { scopes: [pay] }')),
    args: ['--as', 'anonymous'],
    expect: ['anonymous'],
  },
];

test.each(callerCases)('callers: $name', async ({ files, args, expect: names }) => {
  const { callers, leftOut } = await matrixOf(files, args);
  expect(callers.map(({ name }) => name)).toEqual(names);
  expect(callers.map(({ number }) => number)).toEqual(names.map((_, index) => index + 1));
  expect(leftOut).toEqual({ callers: 0, more: false, situations: 0 });
});

test('what a column says of itself is read by --as, with the same cells', async () => {
  const files = salary(
    'allow: { any: [{ roles: [a], scopes: [pay] }, { claims: { team: [7] } }] }',
  );
  const found = await matrixOf(files);
  const again = await matrixOf(files, ['--as', JSON.stringify(found.callers.map(({ as }) => as))]);
  expect(found.callers).not.toHaveLength(1);
  expect(again.rows.map(({ cells }) => cells.map(sayCell))).toEqual(
    found.rows.map(({ cells }) => cells.map(sayCell)),
  );
});

test('forty callers have columns, and the others are counted', async () => {
  const scopes = Array.from({ length: 60 }, (_, index) => `{ scopes: [s${index}] }`).join(', ');
  const files = salary(`allow: { any: [${scopes}] }`);
  const { callers, leftOut } = await matrixOf(files);
  expect(callers).toHaveLength(40);
  expect(leftOut.callers).toBe(21);
  const { stdout } = await runCommand(['matrix'], files);
  expect(stdout).toContain('21 more callers left out');
});

test('a condition with more sets than are looked at says that there may be more', async () => {
  const many = (name: string) =>
    `{ roles: [${Array.from({ length: 20 }, (_, index) => `${name}${index}`).join(', ')}] }`;
  const { leftOut } = await matrixOf(salary(`allow: { all: [${many('a')}, ${many('b')}] }`));
  expect(leftOut.callers).toBeGreaterThan(0);
  expect(leftOut.more).toBe(true);
});

const open =
  '  - { name: open, fields: { Query: [people], Person: [id] }, allow: authenticated }\n';
const pay = (rule: string) =>
  withRules(
    `${open}  - { name: pay, class: pay, fields: { Person: [salary] }, ${rule} }\n`,
    office,
  );
const known = 'known, with nothing';

const cellCases: { name: string; files: Files; at: string; as?: string; expect: string }[] = [
  {
    name: 'allow',
    files: people,
    at: 'Person.iban',
    as: 'scopes pay:read people:read',
    expect: 'allow',
  },
  {
    name: 'a way closed',
    files: people,
    at: 'Person.iban',
    as: 'scope pay:read',
    expect: 'unreachable',
  },
  {
    name: 'mask',
    files: people,
    at: 'Person.iban',
    as: 'scopes pay:masked people:read',
    expect: 'mask last4',
  },
  {
    name: 'another way open',
    files: people,
    at: 'Account.iban',
    as: 'scope pay:read',
    expect: 'allow',
  },
  { name: 'deny', files: people, at: 'Person.iban', expect: 'deny' },
  {
    name: 'hidden by its own rule',
    files: pay('allow: { scopes: [pay] }, otherwise: [hide]'),
    at: 'Person.salary',
    expect: 'hidden',
  },
  {
    name: 'hidden with what leads there',
    files: withRules(
      `${open}  - { name: pay, class: pay, fields: { Account: [note] }, allow: { scopes: [pay] } }
  - { name: way, fields: { Query: [accounts] }, allow: { scopes: [accounts] }, otherwise: [hide] }\n`,
    ),
    at: 'Account.note',
    as: 'scope pay',
    expect: 'hidden',
  },
  {
    name: 'hidden where no rule lists what leads there',
    files: withRules(
      `${open}  - { name: pay, class: pay, fields: { Account: [note] }, allow: { scopes: [pay] } }\n`,
    ),
    at: 'Account.note',
    as: 'scope pay',
    expect: 'hidden',
  },
  {
    name: 'reject',
    files: pay('allow: { scopes: [pay] }, otherwise: [reject]'),
    at: 'Person.salary',
    expect: 'reject',
  },
  { name: 'forbidden', files: pay('forbid: true'), at: 'Person.salary', expect: 'deny' },
  {
    name: 'from a place only',
    files: pay('allow: { network: office }'),
    at: 'Person.salary',
    expect: 'deny + allow: from network office',
  },
  {
    name: 'from any of two places and a country',
    files: pay('allow: { any: [{ network: [office, vpn] }, { regions: [CH] }] }'),
    at: 'Person.salary',
    expect: 'deny + allow: from CH + allow: from network office + allow: from network vpn',
  },
  {
    name: 'place and time together',
    files: pay(
      'allow: { all: [{ network: office }, { hours: { days: [mon], from: "08:00", to: "08:01", zone: UTC } }] }',
    ),
    at: 'Person.salary',
    expect: 'deny + allow: from network office, within mon 08:00-08:01 UTC',
  },
  {
    name: 'two countries at once are nowhere',
    files: pay('allow: { all: [{ regions: [CH] }, { regions: [DE] }] }'),
    at: 'Person.salary',
    expect: 'deny',
  },
  {
    name: 'a way that a place opens',
    files: withRules(
      `  - { name: open, fields: { Person: [id], Query: [person] }, allow: everyone }
  - { name: way, fields: { Query: [accounts] }, allow: { network: office } }
  - { name: pay, class: pay, fields: { Account: [note] }, allow: authenticated }\n`,
      office,
    ),
    at: 'Account.note',
    expect: 'unreachable + allow: from network office',
  },
  {
    name: 'a mask everywhere, and all of it in one place',
    files: withRules(
      `${open}  - { name: iban, class: banking, fields: { Person: [iban] }, allow: { network: office }, otherwise: [{ mask: last4, allow: authenticated }, deny] }\n`,
      office,
    ),
    at: 'Person.iban',
    expect: 'mask last4 + allow: from network office',
  },
  {
    name: 'an argument without its scope',
    files: withRules(
      `${open}  - { name: tags, class: tags, fields: { Query: ["people(tag:)"] }, allow: { scopes: [tags] } }\n`,
    ),
    at: 'Query.people(tag:)',
    expect: 'deny',
  },
  {
    name: 'an argument with its scope',
    files: withRules(
      `${open}  - { name: tags, class: tags, fields: { Query: ["people(tag:)"] }, allow: { scopes: [tags] } }\n`,
    ),
    at: 'Query.people(tag:)',
    as: 'scope tags',
    expect: 'allow',
  },
  {
    name: 'a write whose required argument cannot be given',
    files: withRules(
      `${open}  - { name: write, class: writes, fields: { Mutation: [rename], PersonUpdateInput: [fullName] }, allow: authenticated }
  - { name: key, fields: { Mutation: ["rename(personId:)"] }, allow: { scopes: [keys] } }\n`,
    ),
    at: 'Mutation.rename',
    expect: 'unreachable',
  },
  {
    name: 'an input field behind a write that is closed',
    files: withRules(
      `${open}  - { name: write, fields: { Mutation: [rename] }, allow: { roles: [editor] } }
  - { name: names, class: names, fields: { PersonUpdateInput: [fullName] }, allow: authenticated }\n`,
    ),
    at: 'PersonUpdateInput.fullName',
    expect: 'unreachable',
  },
];

test.each(cellCases)('cell: $name', async ({ files, at, as = known, expect: said }) => {
  expect(sayCell(cellOf(await matrixOf(files), at, as))).toBe(said);
});

test('a cell names its rule and place, or what is missing', async () => {
  const matrix = await matrixOf(people);
  const open = cellOf(matrix, 'Account.iban', 'scope pay:read');
  expect(open.rule?.name).toBe('banking');
  expect(open.rule?.file).toMatch(/people\.yaml$/);
  expect(open.rule?.line).toBeGreaterThan(1);
  const closed = cellOf(matrix, 'Account.iban', known);
  expect(closed.missing?.map(({ condition }) => condition)).toEqual(['scopes pay:read']);
});

test('an interface has no rows of its own; --all takes every other coordinate', async () => {
  const files = withRules(
    `  - { name: labels, class: labels, fields: { Query: [things], Thing: [label] }, allow: authenticated }\n`,
  );
  expect(tableOf(await matrixOf(files))).toEqual({
    'Query.things': { [known]: 'allow' },
    'Book.label': { [known]: 'allow' },
    'Pen.label': { [known]: 'allow' },
  });
  const all = tableOf(await matrixOf(files, ['--all']));
  expect(all).toMatchObject({
    'Book.label': { [known]: 'allow' },
    'Person.salary': { [known]: 'hidden' },
    'PersonUpdateInput.fullName': { [known]: 'hidden' },
  });
  expect(Object.keys(all)).not.toContain('Thing.label');
});

const demo = fileURLToPath(new URL('../../', import.meta.url));

test('the demo', async () => {
  const { code, stdout } = await runIn(demo, ['matrix', '--json']);
  expect(code).toBe(0);
  const matrix = JSON.parse(stdout);
  const cell = (at: string, as: string) => sayCell(cellOf(matrix, at, as));
  expect(matrix.callers.map(({ name }: { name: string }) => name)).not.toContain('anonymous');
  expect(cell('Employee.ssn', 'scope hr:ssn:read')).toBe('unreachable');
  expect(cell('Employee.ssn', 'scopes hr:read hr:ssn:read')).toBe('allow');
  expect(cell('Employee.ssn', 'scopes hr:read hr:ssn:masked')).toBe('mask last4');
  expect(cell('Employee.ssn', 'scope hr:read')).toBe('deny');
  expect(cell('Employee.dateOfBirth', 'scope hr:read')).toBe('mask redact');
  expect(cell('Payslip.net', 'scope payroll:read')).toBe('allow');
  expect(cell('BankAccount.iban', 'scope payroll:read')).toBe('unreachable');
  expect(cell('BankAccount.iban', 'scopes hr:read payroll:read')).toBe('allow');
  expect(cell('Session.session', 'scope accounts:sign-in')).toBe('allow');
  for (const { cells } of matrix.rows) expect(['deny', 'hidden']).toContain(cells[0].verdict);
});

test('a terminal of 100 columns holds the demo, each coordinate once in each part', async () => {
  const { stdout } = await runIn(demo, ['matrix']);
  const lines = stdout.split('\n');
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
  const parts = lines.filter((line) => /^ +\d+( +\d+)*$/.test(line));
  expect(parts.join(' ').trim().split(/\s+/).map(Number)).toEqual(
    Array.from({ length: 12 }, (_, index) => index + 1),
  );
  const ssn = lines.filter((line) => line.startsWith('  Employee.ssn '));
  expect(ssn.flatMap((line) => line.trim().split(/ {2,}/).slice(1))).toEqual([
    ...['deny', 'deny', 'deny', 'no way', 'no way', 'deny', 'deny', 'deny', 'deny'],
    ...['allow', '~last4', 'deny'],
  ]);
});

test('place and time are marked in the table, and said below it', async () => {
  const { stdout } = await runCommand(['matrix'], pay('allow: { network: office }'));
  expect(stdout).toMatch(/^ {2}Person\.salary +if a$/m);
  expect(stdout).toMatch(/^if a +allow only from network office; otherwise deny$/m);
});

test('without a class there is nothing to show, and that is said', async () => {
  const { code, stdout } = await runCommand(['matrix'], withRules(directory));
  expect(code).toBe(0);
  expect(stdout).toContain('no rule gives a coordinate a class');
});

test('names cannot move the cursor', async () => {
  const { stdout } = await runCommand(['matrix', '--as', '{"sub":"\\u202e\\u001b[2J"}'], people);
  expect(stdout).not.toMatch(/\p{Cf}|(?!\n)\p{Cc}/u);
  const claims = '{ claims: { team: ["\\e[2J\\u202e"] } }';
  const ran = await runCommand(['matrix'], salary(`allow: ${claims}`));
  expect(ran.stdout).toContain('claims.team ?[2J?');
});

const wrong: { name: string; args: string[]; files?: Files; says: string }[] = [
  { name: 'no JSON', args: ['--as', 'hr'], says: '--as is not JSON' },
  { name: 'an empty list', args: ['--as', '[]'], says: '--as: the list is empty' },
  { name: 'a list of texts', args: ['--as', '["hr"]'], says: '--as: a caller is' },
  { name: 'a list in a list', args: ['--as', '[[]]'], says: '--as must be' },
  { name: 'null', args: ['--as', 'null'], says: '--as: a caller is' },
  { name: 'anonymous, who is refused', args: ['--as', 'anonymous'], says: 'refuses anonymous' },
  {
    name: 'too many',
    args: ['--as', JSON.stringify(Array.from({ length: 41 }, () => ({})))],
    says: 'at most 40',
  },
  { name: 'a file that is not there', args: ['--as', '@/nowhere/x'], says: '--as: cannot read' },
  { name: 'words', args: ['hr.yaml'], says: 'takes options alone' },
  {
    name: 'policies that do not load',
    args: [],
    files: withRules('  - { name: x }\n'),
    says: 'people.yaml',
  },
];

test.each(wrong)('misuse: $name', async ({ args, files, says }) => {
  const { code, stdout, stderr } = await runCommand(['matrix', ...args], files);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(says);
});
