/** `explain` and `schema` of callers who signed in so strongly, and so long ago. */
import { expect, test } from 'vitest';
import { peopleWith, runCommand } from './run-command.ts';

const access = 'policies/access/people.yaml';
const files = peopleWith({
  [access]: (text) =>
    `${text}  - { name: fresh, fields: { Person: [salary] }, require: { auth: { acr: [mfa], maxAge: 5m } } }
  - { name: pages, fields: { Query: ["people(limit:)"] }, allow: { auth: { maxAge: 1h } }, otherwise: [hide] }
  - { name: joined, fields: { Query: [person] }, require: { all: [{ auth: { acr: [mfa] } }, { when: args.personId == claims.own }] } }
  - { name: names, fields: { Person: [fullName] }, require: { all: [{ auth: { acr: [mfa] } }, { when: object.bossId == claims.own }] } }
  - { name: writes, fields: { Mutation: [rename] }, require: { auth: { acr: [mfa] } } }
`,
});
const now = '2026-03-02T09:00:00Z';
const at = Date.parse(now) / 1_000;
const scope = 'people:read pay:read';
const claims = (more: object) => JSON.stringify({ scope, tenant: 't', roles: ['editor'], ...more });

async function explain(as: string, query: string, ...args: string[]) {
  const { code, stdout, stderr } = await runCommand(
    ['explain', '--json', '--as', as, '--query', query, ...args],
    files,
  );
  if (code === 2) throw new Error(stderr + stdout);
  const said = JSON.parse(stdout);
  return { code, said, salary: said.coordinates.at(-1) };
}

const query = '{ people { salary } }';
const asked = { acr_values: 'mfa', max_age: 300 };
const cases: { name: string; as: object; args?: string[]; verdict: string; stepUp?: object }[] = [
  {
    name: 'strong and recent',
    as: { acr: 'mfa', auth_time: at - 60 },
    args: ['--now', now],
    verdict: 'allow',
  },
  {
    name: 'old at that moment',
    as: { acr: 'mfa', auth_time: at - 600 },
    args: ['--now', now],
    verdict: 'deny',
    stepUp: asked,
  },
  { name: 'weak', as: { auth_time: at }, args: ['--now', now], verdict: 'deny', stepUp: asked },
  { name: 'nothing is said of it', as: {}, verdict: 'deny', stepUp: asked },
  {
    name: 'a scope is missing too',
    as: { scope: 'people:read' },
    verdict: 'deny',
  },
  {
    name: 'just now, by the clock',
    as: { acr: 'mfa', auth_time: Math.floor(Date.now() / 1_000) },
    verdict: 'allow',
  },
];

test.each(cases)('explain: $name', async ({ as, args = [], verdict, stepUp }) => {
  const { code, said, salary } = await explain(claims(as), query, ...args);
  expect(salary).toMatchObject({ coordinate: 'Person.salary', verdict });
  expect(salary.stepUp).toEqual(stepUp);
  expect(said.outcome).toBe('runs');
  expect(code).toBe(verdict === 'allow' ? 0 : 1);
  const isSent = JSON.stringify(said.upstreams).includes('salary');
  expect(isSent).toBe(verdict === 'allow');
});

test('explain says in a line that a sign-in would do', async () => {
  const args = ['explain', '--as', claims({}), '--query', query];
  const { stdout } = await runCommand(args, files);
  expect(stdout).toMatch(
    /^Person\.salary +deny +- +step-up: auth acr mfa, at most 5m ago \(fresh, .*people\.yaml:\d+\)$/m,
  );
});

test.each([
  { query: '{ person(personId: "1") { id } }', own: '1', stepUp: { acr_values: 'mfa' } },
  { query: '{ person(personId: "2") { id } }', own: '1', stepUp: undefined },
  { query: '{ people { fullName } }', own: '1', stepUp: { acr_values: 'mfa' } },
  { query: '{ people { fullName } }', own: undefined, stepUp: undefined },
])('explain says that a sign-in would do beside $query of $own', async ({ query, own, stepUp }) => {
  const { said } = await explain(claims({ own }), query);
  const refused = said.coordinates.filter(({ verdict }: { verdict: string }) => verdict === 'deny');
  expect(refused).toMatchObject([
    { missing: [{ condition: expect.stringContaining('auth acr') }] },
  ]);
  expect(refused[0].stepUp).toEqual(stepUp);
});

test('explain says that a whole operation asks for a sign-in', async () => {
  const write = 'mutation { rename(personId: "1", input: { fullName: "x" }) { id } }';
  const { said } = await explain(claims({}), write);
  expect([said.outcome, said.reason]).toEqual(['refused', 'authorize/step-up']);
});

test('schema shows what is hidden from old sign-ins to recent ones', async () => {
  const shown = async (...args: string[]) =>
    (await runCommand(['schema', ...args], files)).stdout.includes('limit');
  const as = claims({ auth_time: at });
  expect(await shown('--as', as, '--now', now)).toBe(true);
  expect(await shown('--as', as, '--now', '2026-03-02T10:00:01Z')).toBe(false);
  expect(await shown('--as', claims({}), '--now', now)).toBe(false);
});

test.each(['2026-03-02', 'now', '2026-02-31T00:00:00Z'])('--now %s is no moment', async (wrong) => {
  const args = ['explain', '--as', '{}', '--query', query, '--now', wrong];
  const { code, stderr } = await runCommand(args, files);
  expect([code, stderr]).toEqual([2, expect.stringContaining('--now: must be a moment')]);
});
