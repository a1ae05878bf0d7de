/** What the commands say of input fields that are fixed from the token. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Files, runCommand } from './run-command.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const hr = 'policies/access/hr.yaml';
const cases = 'policies/access/hr.cases.yaml';

const open = 'TimeOffRequestInput: [kind, startDate, endDate]';
/** The demo, where the kind of time off is a claim. */
const files: Files = {
  'gateway.yaml': read('gateway.yaml').replaceAll('subgraphs/', `${root}subgraphs/`),
  ...Object.fromEntries(
    readdirSync(join(root, 'policies/access')).flatMap((name) =>
      name.includes('cases') ? [] : [[`policies/access/${name}`, read(`policies/access/${name}`)]],
    ),
  ),
  [hr]: `${read(hr).replace(open, open.replace('kind, ', ''))}
  - { name: kinds, pin: { "Mutation.requestTimeOff(input.kind:)": claims.kind } }
`,
};
const query =
  'mutation { requestTimeOff(id: "1001", input: { startDate: "2026-07-01", endDate: "2026-07-02" }) { id } }';
const scopes = ['hr:time-off:read', 'hr:time-off:write'];

test('the rule is there that the pin stands in for', () => {
  expect(read(hr)).toContain(open);
});

test('explain lists them, and shows what is sent', async () => {
  const as = { scope: scopes.join(' '), tenant_id: 'aurora', kind: 'vacation' };
  const args = ['explain', '--json', '--as', JSON.stringify(as), '--query', query];
  const { code, stdout } = await runCommand(args, files);
  const said = JSON.parse(stdout);
  expect(code).toBe(0);
  expect(said.pins).toMatchObject([
    { coordinate: 'Mutation.requestTimeOff(input.kind:)', rule: { name: 'kinds' } },
  ]);
  expect(said.upstreams).toMatchObject([
    {
      request: 'POST /employees/1001/time-off',
      body: { kind: 'vacation', startDate: '2026-07-01' },
    },
  ]);
  const other = { ...as, kind: 'holiday' };
  const refused = await runCommand(
    ['explain', '--json', '--as', JSON.stringify(other), '--query', query],
    files,
  );
  expect(JSON.parse(refused.stdout)).toMatchObject({ outcome: 'refused', upstreams: [] });
});

test('explain refuses who writes it, and schema has no such field', async () => {
  const written = query.replace('input: {', 'input: { kind: vacation,');
  const as = JSON.stringify({ scope: scopes.join(' '), kind: 'vacation' });
  const { code, stderr } = await runCommand(['explain', '--as', as, '--query', written], files);
  expect([code, stderr]).toEqual([2, expect.stringContaining('does not fit the type')]);
  expect(stderr).toContain('TimeOffRequestInput.kind is fixed from the token: rule kinds pins it');
  const { stdout } = await runCommand(['schema', '--as', as], files);
  expect(stdout).toMatch(/input TimeOffRequestInput \{\n {2}startDate: \S+\n {2}endDate: \S+\n\}/);
});

test('explain names it in variables too', async () => {
  const variables = { input: { kind: 'vacation', startDate: '2026-07-01', endDate: '2026-07-02' } };
  const given = {
    as: { scope: scopes.join(' '), kind: 'vacation' },
    query:
      'mutation ($input: TimeOffRequestInput!) { requestTimeOff(id: "1", input: $input) { id } }',
  };
  const args = ['explain', '--json', '--as', JSON.stringify(given.as), '--query', given.query];
  const { code, stdout } = await runCommand(
    [...args, '--variables', JSON.stringify(variables)],
    files,
  );
  expect(code).toBe(2);
  expect(JSON.parse(stdout).problems).toMatchObject([
    { code: 'BAD_USER_INPUT' },
    { code: 'pinned', coordinate: 'TimeOffRequestInput.kind' },
  ]);
});

test('explain names an input field that no rule lists', async () => {
  const unlisted = { ...files, [hr]: read(hr).replace(open, open.replace('startDate, ', '')) };
  const as = JSON.stringify({ scope: scopes.join(' ') });
  const args = ['explain', '--json', '--as', as, '--query', query];
  const { code, stdout } = await runCommand(args, unlisted);
  const coordinate = 'TimeOffRequestInput.startDate';
  expect(code).toBe(2);
  expect(JSON.parse(stdout).problems).toContainEqual({
    code: 'unlisted',
    coordinate,
    message: `${coordinate} does not exist for callers: no rule lists it`,
  });
});

test('check lists them', async () => {
  const { stdout } = await runCommand(['check'], files);
  expect(stdout).toMatch(
    /^pinned {7}Mutation\.requestTimeOff\(input\.kind:\): claims\.kind as .* or .*, by kinds/m,
  );
});

test('check does not take them for fields that a rule has forgotten', async () => {
  const { stdout } = await runCommand(['check', '--json'], files);
  expect(JSON.parse(stdout).unlisted).not.toContain('TimeOffRequestInput.kind');
  const unpinned = { ...files, [hr]: read(hr).replace(open, open.replace('kind, ', '')) };
  const { stdout: without } = await runCommand(['check', '--json'], unpinned);
  expect(JSON.parse(without).unlisted).toContain('TimeOffRequestInput.kind');
});

test('cases are written without them', async () => {
  const toCase = (claims: object, verdict: string) =>
    JSON.stringify({
      cases: [
        {
          name: 'one',
          as: { scopes, claims },
          query,
          expect: {
            'Mutation.requestTimeOff': verdict,
            ...(verdict === 'allow' && { 'TimeOff.id': 'allow' }),
          },
        },
      ],
    });
  for (const [claims, verdict] of [
    [{ kind: 'vacation' }, 'allow'],
    [{}, 'deny'],
  ] as const) {
    const { code, stdout } = await runCommand(['test'], {
      ...files,
      [cases]: toCase(claims, verdict),
    });
    expect([code, stdout]).toEqual([0, '1 case passed, 0 failed\n']);
  }
});
