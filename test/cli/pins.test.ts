/** What the commands say of arguments that are fixed from the token. */
import { describe, expect, test } from 'vitest';
import { judged } from './cases-rig.ts';
import { compared, withMore } from './diff-rig.ts';
import { cellOf, matrixOf } from './matrix-rig.ts';
import { people, runCommand } from './run-command.ts';

const files = withMore('{ name: tenants, pin: { "Query.people(tag:)": claims.tag } }');
const withoutTags = (text: string): string => text.replace(/ {2}- name: tags\n.*\n.*\n/, '');
const pinned = {
  ...files,
  'policies/access/people.yaml': withoutTags(files['policies/access/people.yaml'] ?? ''),
};
const base = {
  ...people,
  'policies/access/people.yaml': withoutTags(people['policies/access/people.yaml'] ?? ''),
};

async function explain(as: object, query: string, ...args: string[]) {
  const given = ['explain', '--as', JSON.stringify(as), '--query', query, ...args];
  return runCommand(given, pinned);
}

const scopes = ['people:read'];
const reader = { scopes, claims: { tenant: 't', tag: 'red' } };

describe('explain', () => {
  test('says which, and what is sent', async () => {
    const { code, stdout } = await explain(reader, '{ people(limit: 2) { id } }', '--json');
    const said = JSON.parse(stdout);
    expect(code).toBe(0);
    expect(said.pins).toEqual([
      {
        coordinate: 'Query.people(tag:)',
        claim: 'claims.tag as String',
        rule: { name: 'tenants', file: expect.any(String), line: expect.any(Number) },
      },
    ]);
    expect(JSON.stringify(said.upstreams)).toMatch(/\/people\?.*tag=red/);
  });

  test('in a line', async () => {
    const { stdout } = await explain(reader, '{ people { id } }');
    expect(stdout).toMatch(
      /^pinned Query\.people\(tag:\) to claims\.tag as String \(tenants, .*people\.yaml:\d+\)$/m,
    );
  });

  test('says what is missing', async () => {
    const as = { scopes, claims: { tenant: 't' } };
    const { code, stdout } = await explain(as, '{ people { id } }', '--json');
    const [first] = JSON.parse(stdout).coordinates;
    expect(code).toBe(1);
    expect(first).toMatchObject({
      coordinate: 'Query.people',
      verdict: 'deny',
      missing: [{ needs: 'require', condition: 'claims.tag as String', rule: { name: 'tenants' } }],
    });
  });

  test('refuses who writes it', async () => {
    const { code, stderr } = await explain(reader, '{ people(tag: "x") { id } }');
    expect([code, stderr]).toEqual([2, expect.stringContaining('Unknown argument "tag"')]);
    expect(stderr).toContain('Query.people(tag:) is fixed from the token: rule tenants pins it');
  });
});

test('check lists them', async () => {
  const { stdout } = await runCommand(['check'], pinned);
  expect(stdout).toMatch(
    /^pinned {7}Query\.people\(tag:\): claims\.tag as String, by tenants \(.*people\.yaml:\d+\)$/m,
  );
});

test('test asks without them', async () => {
  const expected = { 'Person.id': 'allow' };
  const one = { as: reader, query: '{ people { id } }', expect: expected };
  expect((await judged(one, pinned)).lines).toEqual([]);
  const { lines } = await judged({ ...one, as: { scopes } }, pinned);
  expect(lines).toEqual(['Person.id: allow, deny; because Query.people']);
  const first = { 'Query.people': 'allow' };
  const { lines: own } = await judged({ ...one, as: { scopes }, expect: first }, pinned);
  expect(own).toContain('Query.people: allow, deny; missing claims.tag as String');
});

test('matrix has a caller with the claim', async () => {
  const found = await matrixOf(pinned, ['--all']);
  const claimed = 'scope people:read, claims.tag "any value"';
  expect(cellOf(found, 'Query.people', claimed).verdict).toBe('allow');
  expect(cellOf(found, 'Query.people', 'scope people:read').verdict).toBe('deny');
});

describe('diff', () => {
  test('says what a pin closes', async () => {
    expect((await compared(base, pinned)).lines).toEqual([
      'narrows Query.people: allow, now deny for scopes people:read',
      'narrows Query.people(tag:): allow, now hidden for scopes people:read',
    ]);
  });

  test('and what one less opens', async () => {
    expect((await compared(pinned, base)).lines).toEqual([
      'widens Query.people: deny, now allow for scopes people:read',
      'widens Query.people(tag:): hidden, now allow for scopes people:read',
    ]);
  });
});
