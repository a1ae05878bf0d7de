/** How `diff` is asked and what it says: exit codes, lines, paths, bounds, and which of the two does not load. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseCommand } from '../../gateway/cli/command-line.ts';
import { writeFiles } from '../support/config-files.ts';
import { access, changed, compared, swap, withMore } from './diff-rig.ts';
import { type Files, people, peopleWith, runCommand, runIn } from './run-command.ts';

async function said(base: Files, files: Files, ...args: string[]) {
  const [old, now] = [await writeFiles(base), await writeFiles(files)];
  const ran = await runIn(now, ['diff', old, ...args]);
  const withoutPlaces = (text: string) => text.replaceAll(old, 'OLD').replaceAll(now, 'NOW');
  return { code: ran.code, stdout: withoutPlaces(ran.stdout), stderr: withoutPlaces(ran.stderr) };
}

const opened = changed(access, ['allow: { scopes: [tags:read] }', 'allow: everyone']);
const closed = withMore('{ name: more, fields: { Person: [salary] }, forbid: true }');
const broken = changed(access, ['Person: [salary]', 'Person: [salry]']);

describe('exit codes', () => {
  const cases = [
    { name: 'nothing changed', base: people, files: people, code: 0 },
    { name: 'it narrows', base: people, files: closed, code: 0 },
    { name: 'it widens', base: people, files: opened, code: 1 },
    {
      name: 'a setting widens',
      base: people,
      files: peopleWith({ 'gateway.yaml': (text) => `${text}introspection: everyone\n` }),
      code: 1,
    },
    { name: 'it widens here and narrows there', base: closed, files: opened, code: 1 },
    { name: 'the base does not load', base: broken, files: people, code: 2 },
    { name: 'the configuration does not load', base: people, files: broken, code: 2 },
  ];
  test.each(cases)('$name', async ({ base, files, code }) => {
    for (const args of [[], ['--json']]) expect((await said(base, files, ...args)).code).toBe(code);
  });

  test('it is misused', async () => {
    for (const words of [[], ['a', 'b'], ['']]) {
      const { code, stderr, stdout } = await runCommand(['diff', ...words]);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/BASE|empty/);
    }
  });
});

describe('which of the two does not load', () => {
  const cases = [
    { name: 'the base', base: broken, files: people, first: 'the base', file: 'OLD' },
    { name: 'the other', base: people, files: broken, first: 'the configuration', file: 'NOW' },
  ];
  test.each(cases)('$name', async ({ base, files, first, file }) => {
    const { stderr } = await said(base, files);
    expect(stderr).toContain(`fieldgate diff: ${first} does not load (${file}/gateway.yaml)\n`);
    expect(stderr).toContain(`${file}/policies/access/people.yaml:21:`);
    const { stdout } = await said(base, files, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      problems: [{ code: 'unknown-name', line: 21 }],
    });
  });

  test('a base that is not there', async () => {
    const { code, stderr } = await runCommand(['diff', '/absent']);
    expect(code).toBe(2);
    expect(stderr).toContain('the base does not load (/absent)');
  });
});

test('the base is a folder or a file', async () => {
  const [old, now] = [await writeFiles(people), await writeFiles(opened)];
  for (const base of [old, join(old, 'gateway.yaml')]) {
    expect((await runIn(now, ['diff', base])).stdout).toContain('Query.people(tag:)');
  }
});

test('what widens, what narrows, and the count', async () => {
  const files = peopleWith({
    [access]: (text) =>
      `${swap(text, [['allow: { scopes: [tags:read] }', 'allow: everyone']])}  - { name: more, fields: { Person: [salary] }, forbid: true }\n`,
    'gateway.yaml': (text) => `${text}introspection: everyone\n`,
  });
  const { stdout } = await said(people, files);
  expect(stdout.split('\n')).toEqual([
    'widens  introspection: authenticated, now everyone',
    'widens  Query.people(tag:): deny, now allow: for scopes people:read: by tags (NOW/policies/access/people.yaml:9)',
    'narrows Person.salary: allow, now deny: for scopes pay:read: by more (NOW/policies/access/people.yaml:33): as Query.people.salary',
    '2 widen, 1 narrows',
    '',
  ]);
});

test('for scripts', async () => {
  const { stdout } = await said(people, opened, '--json');
  const file = 'policies/access/people.yaml';
  expect(JSON.parse(stdout)).toEqual({
    ok: false,
    widens: {
      count: 1,
      settings: [],
      coordinates: [
        {
          coordinate: 'Query.people(tag:)',
          was: { verdict: 'deny', rule: { name: 'tags', file: `OLD/${file}`, line: 9 } },
          is: { verdict: 'allow', rule: { name: 'tags', file: `NOW/${file}`, line: 9 } },
          caller: ['scopes people:read'],
          path: 'Query.people(tag:)',
        },
      ],
    },
    narrows: { count: 0, settings: [], coordinates: [] },
  });
});

describe('example paths', () => {
  const pay = 'pay.graphql';
  const swapPay = (from: string, to: string) => (text: string) => swap(text, [[from, to]]);
  const cases = [
    {
      name: 'of a field',
      files: changed(access, ['forbid: true', 'allow: everyone']),
      path: 'Query.accounts.note',
    },
    {
      name: 'of one type of several',
      files: withMore('{ name: more, fields: { Pen: [label] }, allow: everyone }'),
      path: 'Query.things[Pen].label',
    },
    {
      name: 'of an input field',
      files: peopleWith({ [pay]: swapPay('note: String, any', 'bic: String, note: String, any') }),
      path: 'Query.accounts(filter:).bic',
    },
    {
      name: 'of an enum value',
      files: peopleWith({ [pay]: swapPay('IBAN_DESC NOTE', 'IBAN_DESC BIC NOTE') }),
      path: 'Query.accounts(orderBy:).BIC',
    },
    {
      name: 'of a write',
      files: changed(access, [
        'PersonUpdateInput: [fullName]',
        'PersonUpdateInput: [fullName, bossId]',
      ]),
      path: 'Mutation.rename(input:).bossId',
    },
  ];
  test.each(cases)('$name', async ({ files, path }) => {
    const { widens } = await compared(people, files);
    expect(widens.coordinates.map((one) => one.path)).toEqual([path]);
  });

  test('of what is gone, as it was', async () => {
    const { stdout } = await said(
      withMore('{ name: more, fields: { Pen: [label] }, allow: everyone }'),
      people,
    );
    expect(stdout).toContain(
      'narrows Pen.label: allow, now deny: for roles clerk: was by more (OLD/policies/access/people.yaml:33): as Query.things[Pen].label',
    );
  });
});

describe('bounds', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => index);

  test('two hundred of each kind, and how many more', async () => {
    const wide = (more: number) =>
      peopleWith({
        'pay.graphql': (text) =>
          swap(text, [
            [
              'note: String }\ninput',
              `note: String ${many(more)
                .map((one) => `f${one}: Int`)
                .join(' ')} }\ninput`,
            ],
          ]),
        [access]: (text) =>
          `${text}  - { name: all, fields: { Account: ["*"] }, allow: everyone }\n`,
      });
    const { code, stdout } = await said(wide(0), wide(207));
    const lines = stdout.split('\n');
    expect(lines).toHaveLength(203);
    expect(lines.slice(-3)).toEqual(['widens  and 7 more', '207 widen, 0 narrow', '']);
    const narrowed = await said(wide(207), wide(0), '--json');
    const { narrows } = JSON.parse(narrowed.stdout);
    expect([code, narrowed.code, narrows.count, narrows.coordinates.length]).toEqual([
      1, 0, 207, 200,
    ]);
  });

  test('too many conditions to tell: as if it were wider', async () => {
    const asked = (count: number) =>
      withMore(
        `{ name: more, fields: { Query: ["people(limit:)"] }, allow: { any: [${many(count)
          .map((one) => `{ scopes: [s${one}] }`)
          .join(', ')}] } }`,
      );
    // And the scope of the field itself.
    expect(await said(asked(11), asked(10))).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('0 widen, 1 narrows'),
    });
    const unsure = await said(asked(12), asked(11));
    expect(unsure.code).toBe(1);
    expect(unsure.stdout).toContain(
      'widens  Query.people(limit:): cannot tell, too many conditions',
    );
  });
});

test('its help says what it takes', async () => {
  let stdout = '';
  const io = {
    stdout: { write: (text: string) => (stdout += text) },
    stderr: { write: () => true },
    env: {},
    stop: AbortSignal.abort(),
  };
  expect(await parseCommand(['diff', '--help'], io)).toBe(0);
  expect(stdout).toContain('BASE');
});
