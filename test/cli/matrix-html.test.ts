/** The page of `matrix --html`: what is in it is text, it asks for nothing, and it replaces only itself. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { toPage } from '../../gateway/cli/matrix/matrix-html.ts';
import type { Matrix } from '../../gateway/cli/matrix/matrix-said.ts';
import { writeFiles } from '../support/config-files.ts';
import { matrixOf, withRules } from './matrix-rig.ts';
import { readPage } from './page-reader.ts';
import { people, runIn } from './run-command.ts';

const hostile = `"&'</td></style></title>--><script>alert(1)</script><img src=x onerror=alert(1)>&lt;`;

const rule = {
  name: hostile,
  file: hostile,
  line: 3,
};

/** Every name is as bad as can be, those that a schema would refuse too. */
const worst: Matrix = {
  policyDigest: hostile,
  callers: [
    { number: 1, name: hostile, as: hostile },
    { number: 2, name: '\u202e\u0000\n\ud800', as: {} },
  ],
  rows: [
    {
      coordinate: hostile,
      classes: [hostile],
      cells: [
        {
          verdict: 'mask',
          mask: hostile,
          rule,
          missing: [{ needs: 'allow', condition: hostile, rule }],
        },
        { verdict: 'deny', missing: [], only: [{ verdict: 'allow', assumes: [hostile] }] },
      ],
    },
  ],
  leftOut: { callers: 1, more: true, situations: 1 },
};

test('whatever names hold is text', () => {
  const { tags, cells } = readPage(toPage(worst));
  expect(cells[0]).toEqual(['', `1${hostile}`, '2????']);
  expect(cells[1]).toEqual([hostile]);
  expect(cells[2]).toEqual([hostile, `~${hostile}`, `denyallow only ${hostile}`]);
  const titles = tags.flatMap(({ attributes }) => attributes.title ?? []);
  const place = `${hostile} (${hostile}:3)`;
  expect(titles).toEqual([
    `by ${place}; whole ${hostile} (${hostile}, ${hostile}:3)`,
    'no rule allows it',
  ]);
});

test('the reader of this test refuses what it must', () => {
  for (const wrong of [
    '<script></script>',
    '<b onclick="x"></b>',
    '<b>',
    '&copy;',
    '<b></p>',
    '<!-- -->',
  ]) {
    expect(() => readPage(`<!doctype html>\n${wrong}`)).toThrow();
  }
});

test('the policy for the browser allows one style, which is there, and nothing else', () => {
  const { tags, style } = readPage(toPage(worst));
  const policy = tags.find(({ attributes }) => attributes['http-equiv'] !== undefined)?.attributes;
  expect(policy?.['http-equiv']).toBe('Content-Security-Policy');
  const hash = createHash('sha256').update(style).digest('base64');
  expect(policy?.content).toBe(
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
  );
  expect(tags.filter(({ name }) => name === 'style')).toHaveLength(1);
  expect(style).not.toMatch(/url\(|@import|expression/);
});

const files =
  withRules(`  - { name: open, fields: { Query: [people], Person: [id] }, allow: authenticated }
  - { name: pay, class: pay, fields: { Person: [salary] }, allow: { roles: ["<script>&\\"'"] } }
  - { name: iban, class: banking, fields: { Person: [iban] }, allow: { claims: { "<b>": ["</td>"] } } }
`);

test('the title of what is granted and out of reach says so', () => {
  const cell = { verdict: 'unreachable' as const, rule };
  const row = { coordinate: 'A.b', classes: [], cells: [cell, cell] };
  const { tags } = readPage(toPage({ ...worst, rows: [row] }));
  const place = `${hostile} (${hostile}:3)`;
  const title = `granted by ${place}, and every way to it is closed`;
  expect(tags.flatMap(({ attributes }) => attributes.title ?? [])).toEqual([title, title]);
});

test('the page holds the table that --json gives, with the digest and each rule and its place', async () => {
  const directory = await writeFiles(files);
  const page = join(directory, 'matrix.html');
  const ran = await runIn(directory, ['matrix', '--html', page]);
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  expect(ran.stdout).toBe(`wrote ${page}: 3 callers, 2 coordinates\n`);
  const { tags, cells, text } = readPage(await readFile(page, 'utf8'));
  const both = await runIn(directory, ['matrix', '--json', '--html', page]);
  const matrix: Matrix = JSON.parse(both.stdout);
  expect(text).toContain(matrix.policyDigest);
  expect(cells).toEqual([
    ['', '1known, with nothing', '2claims.<b> </td>', `3role "<script>&\\"'"`],
    ['banking'],
    ['Person.iban', 'deny', 'allow', 'deny'],
    ['pay'],
    ['Person.salary', 'deny', 'deny', 'allow'],
  ]);
  const titles = tags.flatMap(({ attributes }) => attributes.title ?? []);
  expect(titles).toHaveLength(6);
  expect(titles[1]).toMatch(/^by iban \(.*people\.yaml:5\)$/);
  expect(titles[3]).toMatch(/^needs roles <script>&"' \(pay, .*people\.yaml:4\)$/);
});

test('a page is replaced by the next one', async () => {
  const directory = await writeFiles(people);
  const page = join(directory, 'matrix.html');
  await writeFile(page, toPage(worst));
  expect((await runIn(directory, ['matrix', '--html', page])).code).toBe(0);
  const text = await readFile(page, 'utf8');
  expect(text).toContain('Person.iban');
  expect(text).not.toContain('alert');
  expect((await readdir(directory)).filter((name) => name.includes('matrix'))).toEqual([
    'matrix.html',
  ]);
});

const others = [
  { name: 'a file of somebody else', text: 'mine' },
  { name: 'an empty file', text: '' },
  { name: 'another page', text: '<!doctype html>\n<html lang="en">\n' },
  { name: 'the beginning of such a page', text: '<!doctype html>\n<html lang="en" data-fieldgate' },
];

test.each(others)('$name stays as it is', async ({ text }) => {
  const directory = await writeFiles({ ...people, 'there.html': text });
  const there = join(directory, 'there.html');
  const { code, stdout, stderr } = await runIn(directory, ['matrix', '--html', there]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('it stays as it is');
  expect(await readFile(there, 'utf8')).toBe(text);
});

test('a directory, a missing folder, a link to nowhere and a pipe are misuse', async () => {
  const directory = await writeFiles(people);
  await mkdir(join(directory, 'folder'));
  await symlink(join(directory, 'nowhere'), join(directory, 'link'));
  // Nobody writes into it: who opens it to read would wait for ever.
  execFileSync('mkfifo', [join(directory, 'pipe')]);
  for (const name of ['folder', 'no/page.html', 'link', 'pipe']) {
    const ran = await runIn(directory, ['matrix', '--html', join(directory, name)]);
    expect({ name, code: ran.code, stdout: ran.stdout }).toEqual({ name, code: 2, stdout: '' });
    expect(ran.stderr).toContain('--html: ');
  }
  expect(await readdir(directory)).not.toContain('nowhere');
});

test('nothing is written where the policies do not load', async () => {
  const directory = await writeFiles(withRules('  - { name: x }\n'));
  const { code } = await runIn(directory, ['matrix', '--html', join(directory, 'matrix.html')]);
  expect(code).toBe(2);
  expect(await readdir(directory)).not.toContain('matrix.html');
});

test('the JSON holds hostile names as they are', async () => {
  const { callers } = await matrixOf(files);
  expect(callers.map(({ as }) => as)).toContainEqual({ scopes: [], roles: [`<script>&"'`] });
});
