/** A filter on a classified field, as every command that asks the policy says it: alike. */
import { expect, test } from 'vitest';
import { type Files, runCommand } from './run-command.ts';

const files: Files = {
  'gateway.yaml': `
version: 1
upstreams: { hr: { graphql: hr.graphql, url: "http://127.0.0.1:1" } }
identity: { anonymous: allow }
`,
  'hr.graphql': `
type Query { people(ssn: String, tag: String): [Person!] }
type Person { id: ID ssn: String tag: String }
`,
  'policies/access/hr.yaml': `
version: 1
rules:
  - { name: people, fields: { Query: [people], Person: [id, tag] }, allow: { scopes: [hr] } }
  - name: numbers
    class: government-id
    fields: { Person: [ssn] }
    allow: { scopes: [ssn] }
    otherwise: [{ mask: last4, allow: { scopes: [masked] } }, deny]
`,
  'policies/access/hr.cases.yaml': `
cases:
  - name: a reader cannot filter by what is masked
    as: { scopes: [hr, masked] }
    query: '{ people(ssn: "1") { id } }'
    expect: { "Query.people(ssn:)": deny, Query.people: deny }
  - name: who has it can
    as: { scopes: [hr, ssn] }
    query: '{ people(ssn: "1", tag: "x") { id } }'
    expect: { Person.id: allow }
`,
};
const query = '{ people(ssn: "1", tag: "x") { id } }';
const filter = 'Query.people(ssn:)';

test('explain: which grant is missing, and of what', async () => {
  const asked = ['explain', '--as', '{"scope":"hr masked"}', '--query', query];
  const { code, stdout } = await runCommand([...asked, '--json'], files);
  expect(code).toBe(1);
  const { coordinates } = JSON.parse(stdout);
  expect(
    coordinates.find((one: { coordinate: string }) => one.coordinate === filter),
  ).toMatchObject({
    verdict: 'deny',
    missing: [{ needs: 'allow', condition: 'scopes ssn', rule: { name: 'numbers' } }],
    filtersOn: ['Person.ssn'],
  });
  const said = await runCommand(asked, files);
  expect(said.stdout).toMatch(/people\(ssn:\) +deny .*scopes ssn \(.*\), to filter on Person\.ssn/);
});

test('test: cases expect it as any coordinate', async () => {
  expect((await runCommand(['test'], files)).stdout).toBe('2 cases passed, 0 failed\n');
});

test('matrix: a row under the class of what it means', async () => {
  const as = '[{"scope":"hr masked"},{"scope":"hr ssn"}]';
  const { stdout } = await runCommand(['matrix', '--as', as, '--json'], files);
  const rows = JSON.parse(stdout).rows.map(
    (row: { coordinate: string; classes: string[]; cells: { verdict: string }[] }) => [
      row.coordinate,
      row.classes,
      row.cells.map(({ verdict }) => verdict),
    ],
  );
  expect(rows).toContainEqual([filter, ['government-id'], ['deny', 'allow']]);
});
