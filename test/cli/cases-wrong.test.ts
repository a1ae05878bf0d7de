/**
 * Files of cases that do not load: exit code 2, every problem with file, line and column, and no
 * case is run. `▸` marks where each has to be reported.
 */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestPolicies } from '../../gateway/snapshot/policy-digest.ts';
import { readMarks, writeFiles } from '../support/config-files.ts';
import { casesFile, toYaml, withCases } from './cases-rig.ts';
import { people, runCommand, runIn } from './run-command.ts';

const good = '    query: "{ people { id } }"\n    expect: { Person.id: allow }\n';
const one = (text: string): string => `cases:\n  - name: a\n${text}`;
const asking = (query: string, expected = '{}'): string =>
  one(`    query: ${query}\n    expect: ${expected}\n`);
const as = (text: string): string => one(`    as: ${text}\n${good}`);

interface Row {
  readonly name: string;
  readonly text: string;
  readonly codes: readonly string[];
  /** Said in the messages, in their order. */
  readonly says?: readonly string[];
}

const forms: Row[] = [
  { name: 'another version', text: `version: ▸2\n${one(good)}`, codes: ['wrong-value'] },
  { name: 'no cases', text: '▸version: 1\n', codes: ['missing-key'] },
  { name: 'cases that are no list', text: 'cases: ▸{}\n', codes: ['wrong-type'] },
  {
    name: 'an unknown key of the file',
    text: `▸case: []\n${one(good)}`,
    codes: ['unknown-key'],
    says: ['did you mean "cases"?'],
  },
  {
    name: 'an unknown key of a case',
    text: one(`    ▸expects: {}\n${good}`),
    codes: ['unknown-key'],
    says: ['did you mean "expect"?'],
  },
  { name: 'no name', text: `cases:\n  - ▸as: anonymous\n${good}`, codes: ['missing-key'] },
  { name: 'no query', text: 'cases:\n  - ▸name: a\n    expect: {}\n', codes: ['missing-key'] },
  {
    name: 'no expectations',
    text: 'cases:\n  - ▸name: a\n    query: "{ people { id } }"\n',
    codes: ['missing-key'],
  },
  {
    name: 'nothing under expect',
    text: one('    query: "{ a }"\n    ▸expect:\n'),
    codes: ['wrong-type'],
  },
  { name: 'a caller in one word', text: as('▸partner'), codes: ['wrong-type'] },
  { name: 'a caller of whom nothing is said', text: as('▸{}'), codes: ['empty'] },
  {
    name: 'an unknown key of a caller',
    text: as('{ ▸scope: [a] }'),
    codes: ['unknown-key'],
    says: ['did you mean "scopes"?'],
  },
  { name: 'scopes as one text', text: as('{ scopes: ▸people:read }'), codes: ['wrong-type'] },
  { name: 'two scopes in one text', text: as('{ scopes: [▸a b] }'), codes: ['wrong-format'] },
  { name: 'an empty role', text: as('{ roles: [▸""] }'), codes: ['empty'] },
  { name: 'an address that is none', text: as('{ address: ▸10.0.0 }'), codes: ['wrong-format'] },
  {
    name: 'an address with a port',
    text: as('{ address: ▸"[::1]:80" }'),
    codes: ['wrong-format'],
  },
  {
    name: 'a moment without an offset',
    text: as('{ now: ▸2026-03-02T09:00:00 }'),
    codes: ['wrong-format'],
  },
  { name: 'a day alone', text: as('{ now: ▸2026-03-02 }'), codes: ['wrong-format'] },
  {
    name: 'a day that is none',
    text: as('{ now: ▸2026-02-31T09:00:00Z }'),
    codes: ['wrong-format'],
  },
  {
    name: 'an hour that is none',
    text: as('{ now: ▸2026-02-03T25:00:00Z }'),
    codes: ['wrong-format'],
  },
  {
    name: 'variables that are a list',
    text: one(`    variables: ▸[1]\n${good}`),
    codes: ['wrong-type'],
  },
  {
    name: 'a verdict that there is not',
    text: asking('"{ people { id } }"', '{ Person.id: ▸allowed }'),
    codes: ['wrong-value'],
    says: ['did you mean "allow"?'],
  },
  {
    name: 'a type alone',
    text: asking('"{ people { id } }"', '{ ▸Person: allow }'),
    codes: ['wrong-name'],
  },
  {
    name: 'a wildcard',
    text: asking('"{ people { id } }"', '{ ▸"Person.*": allow }'),
    codes: ['wrong-name'],
  },
  {
    name: 'two cases of one name',
    text: `${one(good)}  - name: ▸a\n${good}`,
    codes: ['duplicate-name'],
  },
  { name: 'a name twice', text: one(`    ▸name: b\n${good}`), codes: ['duplicate-key'] },
  { name: 'no YAML', text: 'cases: [\n▸', codes: ['yaml-syntax'] },
];

const queries: Row[] = [
  {
    name: 'a query that does not parse',
    text: asking('▸"{ people { "'),
    codes: ['misfit'],
    says: ['Syntax Error: Expected Name, found <EOF>. (line 1, column 12 of the query)'],
  },
  {
    name: 'a field that the graph has not',
    text: asking('▸"{ people { idd } }"'),
    codes: ['misfit'],
    says: ['Cannot query field "idd" on type "Person". (line 1, column 12'],
  },
  {
    name: 'two such fields',
    text: asking('▸▸"{ people { idd } nobody }"'),
    codes: ['misfit', 'misfit'],
    says: ['"idd"', '"nobody"'],
  },
  {
    name: 'a line of a block',
    text: asking('▸|\n      {\n        nobody\n      }'),
    codes: ['misfit'],
    says: ['(line 2, column 3 of the query)'],
  },
  {
    name: 'several operations',
    text: asking('▸"query A { people { id } } query B { people { id } }"'),
    codes: ['misfit'],
  },
  {
    name: 'an operation that the query has not',
    text: one(`    operation: ▸B\n    query: "query A { people { id } }"\n    expect: {}\n`),
    codes: ['misfit'],
  },
  {
    name: 'a variable of another type',
    text: one(
      '    query: "query ($l: Int) { people(limit: $l) { id } }"\n    variables: ▸{ l: x }\n    expect: {}\n',
    ),
    codes: ['misfit'],
  },
  {
    name: 'a variable that the operation has not',
    text: one(
      '    query: "query ($limit: Int) { people(limit: $limit) { id } }"\n    variables: { ▸limt: 1 }\n    expect: {}\n',
    ),
    codes: ['unknown-name'],
    says: ['did you mean "limit"?'],
  },
];

const coordinates: Row[] = [
  {
    name: 'a field that the schema has not',
    text: asking('"{ people { id } }"', '{ ▸Person.idd: allow }'),
    codes: ['unknown-name'],
    says: ['the schema has no Person.idd (did you mean Person.id?)'],
  },
  {
    name: 'a type that the schema has not',
    text: asking('"{ people { id } }"', '{ ▸Persn.id: allow }'),
    codes: ['unknown-name'],
    says: ['did you mean Person?'],
  },
  {
    name: 'an argument that the schema has not',
    text: asking('"{ people { id } }"', '{ ▸Query.people(tga:): deny }'),
    codes: ['unknown-name'],
    says: ['did you mean Query.people(tag:)?'],
  },
  {
    name: 'a scalar',
    text: asking('"{ people { id } }"', '{ ▸String.id: deny }'),
    codes: ['wrong-type'],
    says: ['String has no fields'],
  },
  {
    name: 'a field that the query does not touch',
    text: asking('"{ people { id } }"', '{ Person.id: allow, ▸Person.iban: deny }'),
    codes: ['misfit'],
    says: ['the query does not touch Person.iban'],
  },
  {
    name: 'an argument that the query does not give',
    text: asking('"{ people { id } }"', '{ ▸Query.people(tag:): deny }'),
    codes: ['misfit'],
  },
  {
    name: 'an argument whose variable has no value',
    text: asking(
      '"query ($tag: String) { people(tag: $tag) { id } }"',
      '{ ▸Query.people(tag:): deny }',
    ),
    codes: ['misfit'],
  },
  {
    name: 'a type that a fragment leaves out',
    text: asking('"{ things { ... on Book { label } } }"', '{ ▸Pen.label: deny }'),
    codes: ['misfit'],
  },
  {
    name: 'a field that @skip leaves out',
    text: asking('"{ people { id iban @skip(if: true) } }"', '{ ▸Person.iban: deny }'),
    codes: ['misfit'],
  },
];

describe.each([
  ['forms', forms],
  ['queries', queries],
  ['coordinates', coordinates],
] as const)('%s', (_, rows) => {
  test.each(rows)('$name', async ({ text, codes, says = [] }) => {
    const { places } = readMarks(text);
    expect(places).toHaveLength(codes.length);
    const directory = await writeFiles(withCases(text));
    const ran = await runIn(directory, ['test', '--json']);
    expect(ran.code).toBe(2);
    const { ok, problems } = JSON.parse(ran.stdout);
    const file = join(directory, casesFile);
    expect({ ok, problems }).toMatchObject({
      ok: false,
      problems: codes.map((code, index) => ({ file, code, ...places[index] })),
    });
    expect(problems).toHaveLength(codes.length);
    for (const [index, said] of says.entries()) expect(problems[index].message).toContain(said);
  });
});

test('what `check` says of all of them is the same, and people are told where', async () => {
  const rows = [...forms, ...queries, ...coordinates];
  const nameOf = (index: number) => `policies/access/row-${index}.cases.yaml`;
  const files = Object.fromEntries(rows.map(({ text }, index) => [nameOf(index), text]));
  const directory = await writeFiles({ ...people, ...files });
  const { code, stdout } = await runIn(directory, ['test', '--json']);
  expect(await runIn(directory, ['check', '--json'])).toMatchObject({ code: 2, stdout });
  expect(code).toBe(2);
  const said = await runIn(directory, ['test']);
  expect(said.stdout).toBe('');
  const lines = said.stderr.split('\n');
  for (const [index, { text }] of rows.entries()) {
    const { line, column } = readMarks(text).places[0] ?? {};
    const place = `${join(directory, nameOf(index))}:${line}:${column}: `;
    expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^${place}\\S.{4,}`)));
  }
});

test('all problems of all files together, and no case is run', async () => {
  const files = {
    ...people,
    'policies/access/a.cases.yaml': `cases:\n  - name: a\n    query: "{ nobody }"\n    expect: {}\n`,
    'policies/access/b.cases.yaml': `cases: 1\n`,
    'policies/rates/c.cases.yaml': asking(
      '"{ people { id } }"',
      '{ Person.x: deny, Thing.label: deny }',
    ),
    'policies/access/good.cases.yaml': one(good),
    'policies/detect/d.cases.yaml': 'cases: 2\n',
  };
  const { code, stdout, stderr, directory } = await runCommand(['test'], files);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(await runIn(directory, ['check'])).toMatchObject({ code, stdout, stderr });
  const placed = stderr
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(directory.length + 1));
  expect(placed.map((line) => line.split(': ')[0]).sort()).toEqual([
    'policies/access/a.cases.yaml:3:12',
    'policies/access/b.cases.yaml:1:8',
    'policies/detect/d.cases.yaml:1:8',
    'policies/rates/c.cases.yaml:4:15',
    'policies/rates/c.cases.yaml:4:31',
  ]);
});

test('two interfaces of one field that say two things', async () => {
  const files = {
    ...people,
    'pay.graphql': (people['pay.graphql'] ?? '').replace(
      'type Book implements Thing',
      'interface Other { label: String }\ntype Book implements Thing & Other',
    ),
  };
  const text = asking('"{ things { label } }"', '{ Thing.label: deny, ▸Other.label: allow }');
  const directory = await writeFiles(withCases(text, files));
  const { code, stdout } = await runIn(directory, ['test', '--json']);
  expect(code).toBe(2);
  const [place] = readMarks(text).places;
  expect(JSON.parse(stdout).problems).toMatchObject([{ code: 'conflict', ...place }]);
});

describe('bounds', () => {
  const query = '{ people { id } }';

  test('cases in a file', async () => {
    const many = Array.from({ length: 1_001 }, (_, index) => ({
      name: `${index}`,
      query,
      expect: {},
    }));
    const { code, stdout } = await runCommand(['test', '--json'], withCases(toYaml(many)));
    expect(code).toBe(2);
    expect(JSON.parse(stdout).problems).toMatchObject([{ code: 'out-of-range', path: 'cases' }]);
  });

  test('coordinates of a case', async () => {
    const expected = Object.fromEntries(
      Array.from({ length: 1_001 }, (_, index) => [`Person.a${index}`, 'deny']),
    );
    const { code, stdout } = await runCommand(
      ['test', '--json'],
      withCases(toYaml([{ query, expect: expected }])),
    );
    expect(code).toBe(2);
    expect(JSON.parse(stdout).problems).toMatchObject([
      { code: 'out-of-range', path: 'cases[0].expect' },
    ]);
  });

  test('bytes of a file', async () => {
    const text = `${one(good)}# ${'x'.repeat(1_048_576)}\n`;
    const { code, stdout } = await runCommand(['test', '--json'], withCases(text));
    expect(code).toBe(2);
    expect(JSON.parse(stdout).problems).toMatchObject([{ code: 'file-too-large' }]);
  });
});

test('a hidden file of cases is not passed over', async () => {
  const files = { ...people, 'policies/access/.people.cases.yaml': one(good) };
  const { code, stdout } = await runCommand(['test', '--json'], files);
  expect(code).toBe(2);
  expect(JSON.parse(stdout).problems).toMatchObject([{ code: 'stray-file' }]);
});

test('a policy that does not load is said first', async () => {
  const files = {
    ...withCases(one(good)),
    'policies/access/people.yaml': 'version: 2\nrules: []\n',
  };
  const { code, stderr } = await runCommand(['test'], files);
  expect(code).toBe(2);
  expect(stderr).toContain('people.yaml:1:10: ');
});

test('nothing else reads cases: bad ones change nothing there', async () => {
  const bad = withCases('cases: 1\n');
  expect((await runCommand(['schema'], bad)).code).toBe(0);
  const digests = [people, bad].map(async (files) =>
    digestPolicies(join(await writeFiles(files), 'policies')),
  );
  const [without, having] = await Promise.all(digests);
  expect(having).toBe(without);
});
