/** What a rule hides, as the commands show it to the operator. */
import { buildSchema } from 'graphql';
import { expect, test } from 'vitest';
import { coordinatesIn } from '../../gateway/authorize/schema-coordinates.ts';
import { peopleWith, runCommand } from './run-command.ts';

/** IBANs, the value that sorts by them, and a query that only they lead to. */
const files = peopleWith({
  'policies/access/people.yaml': (text) =>
    text
      .replace('masked] } }, deny]', 'masked] } }, hide]')
      .replace('Account: [iban] }', 'Account: [iban] }')
      .replace(/ {2}- name: accounts[\s\S]*?reject\]/, '')
      .concat(`  - name: accounts
    fields: { Query: [accounts], Account: [note] }
    allow: { scopes: [people:read] }
  - name: orders
    fields: { AccountOrder: [IBAN_DESC] }
    allow: { scopes: [pay:read] }
    otherwise: [hide]
`)
      .replace(/ {2}- name: notes[\s\S]*?forbid: true\n/, ''),
});

const gone = [
  'Person.iban',
  'Account.iban',
  'AccountOrder.IBAN_DESC',
  'AccountFilter.IBAN_startsWith',
];
const reader = '{"scope":"people:read"}';

test.each([
  { name: 'is not in the view of one without it', as: reader, missing: gone },
  { name: 'is in the view of one with it', as: '{"scope":"people:read pay:read"}', missing: [] },
  {
    name: 'a mask shows the field, not the filters on it',
    as: '{"scope":"pay:masked"}',
    missing: ['AccountOrder.IBAN_DESC', 'AccountFilter.IBAN_startsWith'],
  },
])('what is hidden $name', async ({ as, missing }) => {
  const { code, stdout } = await runCommand(['schema', '--as', as], files);
  expect(code).toBe(0);
  const left = coordinatesIn(buildSchema(stdout));
  expect(gone.filter((one) => !left.includes(one))).toEqual(missing);
});

test('explain says hidden, and what the caller is told', async () => {
  const explain = ['explain', '--json', '--as', reader, '--query'];
  const { code, stdout } = await runCommand(
    [...explain, '{ accounts(orderBy: IBAN_DESC) { iban note } }'],
    files,
  );
  const found = JSON.parse(stdout);
  expect(code).toBe(1);
  expect(found).toMatchObject({ outcome: 'refused', reason: 'limits/invalid', upstreams: [] });
  expect(
    found.coordinates.map((one: { coordinate: string; verdict: string }) => [
      one.coordinate,
      one.verdict,
    ]),
  ).toEqual([
    ['Query.accounts', 'allow'],
    ['AccountOrder.IBAN_DESC', 'hidden'],
    ['Account.iban', 'hidden'],
    ['Account.note', 'allow'],
  ]);
  expect(found.coordinates[2].missing).toMatchObject([
    { needs: 'allow', rule: { name: 'banking' } },
  ]);
  const other = await runCommand([...explain, '{ accounts { note } }'], files);
  expect({ code: other.code, ...JSON.parse(other.stdout) }).toMatchObject({
    code: 0,
    outcome: 'runs',
  });
});

test('check lists what is hidden, and what falls with it', async () => {
  const only = peopleWith({
    'policies/access/people.yaml': (text) =>
      text.replace('masked] } }, deny]', 'masked] } }, hide]'),
  });
  const found = JSON.parse((await runCommand(['check', '--json'], only)).stdout);
  expect([...found.hidden].sort()).toEqual([
    'Account.iban',
    'AccountFilter.IBAN_startsWith',
    'AccountOrder.IBAN_DESC',
    'Person.iban',
    'Query.accounts(ibans:)',
  ]);
  expect(found.fallenWithHidden).toEqual([]);
  const whole = peopleWith({
    'policies/access/people.yaml': (text) =>
      text
        .replace('masked] } }, deny]', 'masked] } }, hide]')
        .replace(/ {2}- name: notes[\s\S]*?forbid: true\n/, ''),
  });
  const more = JSON.parse((await runCommand(['check', '--json'], whole)).stdout);
  expect(more.fallenWithHidden).toEqual(expect.arrayContaining(['Query.accounts']));
  const { stdout } = await runCommand(['check'], whole);
  expect(stdout).toMatch(/^hidden +Account\.iban/m);
  expect(stdout).toMatch(/^falls +Query\.accounts/m);
});

test('nothing left: no view', async () => {
  const closed = peopleWith({
    'policies/access/people.yaml': () => `version: 1
rules:
  - name: all
    fields: { Query: [people], Person: [id] }
    allow: { scopes: [people:read] }
    otherwise: [hide]
`,
  });
  const { code, stdout, stderr } = await runCommand(['schema', '--as', '{}'], closed);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('authorize/denied');
  const explained = await runCommand(
    ['explain', '--json', '--as', '{}', '--query', '{ people { id } }'],
    closed,
  );
  expect(JSON.parse(explained.stdout)).toMatchObject({
    reason: 'authorize/denied',
    coordinates: [{ verdict: 'hidden' }, { verdict: 'hidden' }],
  });
});
