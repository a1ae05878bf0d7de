/** `matrix`: who gets a column, and what is misuse. */
import { expect, test } from 'vitest';
import {
  cellOf,
  directory,
  matrixOf,
  office,
  salary,
  sayCell,
  withAnonymous,
  withRules,
} from './matrix-rig.ts';
import { type Files, runCommand } from './run-command.ts';

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
    name: 'names that tell texts from numbers, and one value from several',
    files: salary(
      'allow: { any: [{ claims: { n: [1, "1", true, ""] } }, { roles: ["a, scope x"] }] }',
      '  - { name: open, fields: { Query: [people] }, allow: authenticated }\n',
    ),
    expect: [
      'known, with nothing',
      'claims.n 1',
      'claims.n "1"',
      'claims.n true',
      'claims.n ""',
      'role "a, scope x"',
    ],
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

test('claims of any length have a name that a line holds, and are asked about whole', async () => {
  const as = { sub: 'x'.repeat(5_000), scope: 'people pay' };
  const matrix = await matrixOf(salary('allow: { scopes: [pay] }'), ['--as', JSON.stringify(as)]);
  const [{ name, as: said } = { name: '', as: undefined }] = matrix.callers;
  expect(name.length).toBeLessThanOrEqual(200);
  expect(said).toEqual(as);
  expect(sayCell(cellOf(matrix, 'Person.salary', name))).toBe('allow');
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
    `{ roles: [${Array.from({ length: 900 }, (_, index) => `${name}${index}`).join(', ')}] }`;
  const { leftOut } = await matrixOf(salary(`allow: { all: [${many('a')}, ${many('b')}] }`));
  expect(leftOut.callers).toBeGreaterThan(0);
  expect(leftOut.more).toBe(true);
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
