/** What fits no description is said with its line in gateway.yaml, and nothing is started. */
import { expect, it } from 'vitest';
import { readMarks } from '../support/config-files.ts';
import { testKeys } from '../support/tokens.ts';
import { people, peopleWith, runCommand } from './run-command.ts';

const cases: readonly (readonly [name: string, from: string, to: string])[] = [
  ['an operation that the document lacks', 'GET /people\n', '▸GET /peeple\n'],
  [
    'a write as a query',
    'Query.people: GET /people\n',
    'Query.people: ▸DELETE /people/{person-id}\n',
  ],
  ['no such document', 'openapi: people.yaml', 'openapi: ▸absent.yaml'],
  ['a document that is none', 'openapi: people.yaml', 'openapi: ▸policies/access/people.yaml'],
  ['no such SDL', 'graphql: pay.graphql', 'graphql: ▸absent.graphql'],
  [
    'an operation that the SDL lacks',
    'graphql: pay.graphql,',
    'graphql: pay.graphql, operations: [Query.peopleById, ▸Query.acounts],',
  ],
  ['a join by a field that is not there', '  Person:\n    key: id', '  Person:\n    key: ▸nr'],
  ['a join by a query that is not there', 'pay: { field: peopleById', 'pay: ▸{ field: poepleById'],
  [
    'a link without an argument',
    'argument: personId, from: bossId',
    'argument: nobody, from: bossId',
  ],
];

it.each(cases)('%s', async (_name, from, to) => {
  const marked = (people['gateway.yaml'] ?? '').replace(from, to);
  expect(marked).not.toBe(people['gateway.yaml']);
  const { places } = readMarks(marked);
  const files = {
    ...peopleWith({ 'gateway.yaml': () => marked }),
    'keys.json': (await testKeys()).text,
  };
  for (const command of ['check', 'serve']) {
    const { code, stdout, stderr } = await runCommand([command], files);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const lines = stderr.trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    const [place] = places;
    expect(lines[0]).toMatch(
      place === undefined
        ? /gateway\.yaml:\d+:\d+: links\.Person\.boss/
        : `gateway.yaml:${place.line}:${place.column}: `,
    );
  }
});

const subjects = [
  { name: 'of a type that is not there', given: 'Persn: ▸id', near: 'Person' },
  { name: 'by a field that is not there', given: 'Person: ▸idd', near: 'id' },
];
it.each(subjects)('a subject $name', async ({ given, near }) => {
  const audit = `audit: { directory: audit, subjects: { ${given} } }\nidentity:\n`;
  const marked = (people['gateway.yaml'] ?? '').replace('identity:\n', audit);
  const [{ line = 0, column = 0 } = {}] = readMarks(marked).places;
  const files = {
    ...peopleWith({ 'gateway.yaml': () => marked }),
    'keys.json': (await testKeys()).text,
  };
  for (const command of ['check', 'serve']) {
    const { code, stderr } = await runCommand([command], files);
    expect(code).toBe(2);
    expect(stderr).toMatch(`gateway.yaml:${line}:${column}: audit.subjects.`);
    expect(stderr).toMatch(`(did you mean "${near}"?)`);
  }
});

it('what is no YAML in a document is said with its line, and without an excerpt of it', async () => {
  const files = peopleWith({
    'people.yaml': () => 'openapi: 3.1.0\npaths:\n  a: [1\n  b: secret\n',
  });
  const { code, stderr } = await runCommand(['check'], files);
  expect(code).toBe(2);
  expect(stderr).toMatch(/people\.yaml: line \d+, column \d+: /);
  expect(stderr).not.toContain('secret');
});
