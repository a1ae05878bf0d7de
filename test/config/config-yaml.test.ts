/** What the YAML reader refuses or keeps exact, and where it says things stand. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the cases are references as operators write them
// biome-ignore-all lint/security/noSecrets: paths and numbers, no secrets
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError } from '../../gateway/files/config-error.ts';
import { checkYaml } from '../../gateway/files/yaml-check.ts';
import { parseYaml, readYaml } from '../../gateway/files/yaml-source.ts';
import { problemsOf, readMarks, writeFiles } from '../support/config-files.ts';

const anything = z.unknown();
const file = 'a.yaml';
const check = async (text: string) => checkYaml(parseYaml(text, { file, env: {} }), anything);

const refused: { name: string; given: string; expect: string[] }[] = [
  { name: 'a key twice', given: 'a: 1\nb:\n  c: 1\n  ▸c: 2\n', expect: ['duplicate-key'] },
  { name: 'a key twice in a flow map', given: 'a: { b: 1, ▸"b": 2 }\n', expect: ['duplicate-key'] },
  { name: 'an anchor', given: 'a: &x ▸1\n', expect: ['anchor'] },
  { name: 'an alias', given: 'a: &x ▸[1]\nb: ▸*x\n', expect: ['anchor', 'anchor'] },
  { name: 'a merge key', given: 'a: &x\n  ▸b: 1\nc:\n  <<: ▸*x\n', expect: ['anchor', 'anchor'] },
  { name: 'a custom tag', given: 'a: !js ▸x\n', expect: ['tag'] },
  { name: 'a tag of YAML itself', given: 'a: !!str ▸1\n', expect: ['tag'] },
  { name: 'a tagged map', given: 'a: !x ▸{ b: 1 }\n', expect: ['tag'] },
  { name: 'two documents', given: 'a: 1\n▸---\nb: 2\n', expect: ['yaml-syntax'] },
  {
    name: 'YAML 1.1, in which no is false',
    given: '▸%YAML 1.1\n---\na: no\n',
    expect: ['directive'],
  },
  { name: 'a tab for indentation', given: 'a:\n▸\tb: 1\n', expect: ['yaml-syntax'] },
  { name: 'a list as a key', given: '? ▸[a]\n: 1\n', expect: ['yaml-syntax'] },
  {
    name: 'the prototype as a key',
    given: 'a:\n  ▸__proto__: { b: 1 }\n',
    expect: ['reserved-key'],
  },
  {
    name: 'an integer that loses digits',
    given: 'a: [▸9007199254740993]\n',
    expect: ['unsafe-number'],
  },
  { name: 'a number with a leading zero', given: 'a: [▸007]\n', expect: ['unsafe-number'] },
  { name: 'infinity', given: 'a: ▸.inf\n', expect: ['unsafe-number'] },
  { name: 'a reference to nothing', given: 'a: "x▸${Y}"\n', expect: ['missing-variable'] },
  {
    name: 'several at once',
    given: 'a: &x ▸1\nb: !t ▸2\nc: 1\n▸c: ▸${Y}\n',
    expect: ['anchor', 'tag', 'duplicate-key', 'missing-variable'],
  },
];

test.each(refused)('refuses $name', async ({ given, expect: codes }) => {
  const { text, places } = readMarks(given);
  const met = await problemsOf(() => check(text));
  expect(met).toMatchObject(codes.map((code, index) => ({ code, ...places[index] })));
  expect(met).toHaveLength(places.length);
});

const deep: { name: string; given: string; expect: string }[] = [
  { name: 'brackets', given: '['.repeat(100_000), expect: 'yaml-syntax' },
  {
    name: 'a list a hundred deep',
    given: `a: ${'['.repeat(100)}${']'.repeat(100)}\n`,
    expect: 'too-deep',
  },
];

test.each(deep)('refuses nesting without falling over: $name', async ({ given, expect: code }) => {
  expect(await problemsOf(() => check(given))).toMatchObject([{ code }]);
});

test('an alias bomb costs nothing', async () => {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const below = level === 0 ? '"x"' : `*l${level - 1}`;
    return `l${level}: &l${level} [${Array.from({ length: 9 }, () => below).join(', ')}]`;
  });
  const met = await problemsOf(() => check(`${levels.join('\n')}\n`));
  expect(new Set(met.map(({ code }) => code))).toEqual(new Set(['anchor']));
});

const kept: { name: string; given: string; expect: unknown }[] = [
  {
    name: 'words that YAML 1.1 reads as truth',
    given: '[no, on, yes]',
    expect: ['no', 'on', 'yes'],
  },
  { name: 'a quoted number', given: '["007", "1"]', expect: ['007', '1'] },
  { name: 'a reference stays text', given: 'a: "${N:-12}"', expect: { a: '12' } },
  { name: 'the default of an empty variable', given: 'a: ${EMPTY:-b}', expect: { a: 'b' } },
  { name: 'an empty variable', given: 'a: "${EMPTY}"', expect: { a: '' } },
  { name: 'a variable that holds YAML', given: 'a: ${YAML}', expect: { a: 'x\nb: [1]' } },
  { name: 'dollars without braces', given: 'a: $5 $NAME', expect: { a: '$5 $NAME' } },
  { name: 'a byte order mark', given: '\uFEFFa: 1', expect: { a: 1 } },
];

test.each(kept)('keeps $name', ({ given, expect: value }) => {
  const env = { EMPTY: '', YAML: 'x\nb: [1]' };
  expect(checkYaml(parseYaml(given, { file, env }), anything)).toEqual(value);
});

test('references are ordinary text where no environment is given', () => {
  expect(checkYaml(parseYaml('a: "${HOME}"', { file }), anything)).toEqual({ a: '${HOME}' });
});

test('points at keys and values, and at what would hold a missing one', () => {
  const source = parseYaml('a:\n  - b: 1\n    c: { d: x }\n', { file });
  expect(source.at(['a', 0, 'c', 'd'])).toEqual({ line: 3, column: 13 });
  expect(source.at(['a', 0, 'c', 'd'], 'key')).toEqual({ line: 3, column: 10 });
  expect(source.at(['a', 0])).toEqual({ line: 2, column: 5 });
  expect(source.at(['a', 0, 'c', 'e', 'f'])).toEqual({ line: 3, column: 5 });
});

test('one line per problem names file, line and column', () => {
  const schema = z.strictObject({ timeoutMs: z.int().optional() });
  const run = () => checkYaml(parseYaml('timeoutMS: 1\nother: 2\n', { file }), schema);
  expect(run).toThrow(ConfigError);
  expect(run).toThrow(/^a\.yaml:1:1: .*\btimeoutMs\b.*\na\.yaml:2:1: /);
});

test('messages hold no values: they may be secrets', () => {
  const schema = z.strictObject({ a: z.int(), b: z.enum(['left', 'right']), c: z.string().max(3) });
  const env = { SECRET: 'hunter22' };
  const run = (text: string) => () => checkYaml(parseYaml(text, { file, env }), schema);
  const texts = [
    'a: ${SECRET}\nb: ${SECRET}\nc: ${SECRET}\n',
    'a: [hunter22',
    'a: "hunter22" "hunter22"',
  ];
  for (const text of texts) {
    expect(run(text)).toThrow(ConfigError);
    expect(run(text)).not.toThrow(/hunter22/);
  }
});

test('a map of many keys is read, and one of them that stands twice is found', async () => {
  const keys = Array.from({ length: 60_000 }, (_, index) => `k${index}: 1\n`);
  const given = [...keys, '▸k7: 2\n'].join('');
  const { text, places } = readMarks(given);
  const met = await problemsOf(() => check(text));
  expect(met).toMatchObject([{ code: 'duplicate-key', path: 'k7', ...places[0] }]);
});

test('files that cannot be read say so', async () => {
  const directory = await writeFiles({ 'large.yaml': `a: ${'x'.repeat(1_048_577)}\n` });
  await writeFile(join(directory, 'latin.yaml'), Uint8Array.of(0x61, 0x3a, 0x20, 0xe9));
  await mkdir(join(directory, 'folder.yaml'));
  const cases = [
    ['absent.yaml', 'file-missing'],
    ['large.yaml', 'file-too-large'],
    ['latin.yaml', 'file-encoding'],
    ['folder.yaml', 'file-missing'],
  ] as const;
  for (const [name, code] of cases) {
    const met = await problemsOf(() => readYaml(join(directory, name)));
    expect(met, name).toMatchObject([{ code, line: 1, column: 1 }]);
  }
});

test('an empty file is a file without its keys', async () => {
  const schema = z.strictObject({ version: z.literal(1) });
  const met = await problemsOf(async () => checkYaml(parseYaml('', { file }), schema));
  expect(met).toMatchObject([{ code: 'wrong-type', line: 1, column: 1, path: '' }]);
});
