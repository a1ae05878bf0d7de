/** `matrix`: the demo's own, and how it is printed. */
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { cellOf, directory, pay, salary, sayCell, withRules } from './matrix-rig.ts';
import { people, runCommand, runIn } from './run-command.ts';

const demo = fileURLToPath(new URL('../../', import.meta.url));

test('the demo', async () => {
  const { code, stdout } = await runIn(demo, ['matrix', '--json']);
  expect(code).toBe(0);
  const matrix = JSON.parse(stdout);
  const cell = (at: string, as: string) => sayCell(cellOf(matrix, at, as));
  expect(matrix.callers.map(({ name }: { name: string }) => name)).not.toContain('anonymous');
  expect(cell('Employee.ssn', 'scope hr:ssn:read')).toBe('unreachable');
  expect(cell('Employee.ssn', 'scopes hr:read hr:ssn:read')).toBe('allow');
  expect(cell('Employee.ssn', 'scopes hr:read hr:ssn:masked')).toBe('mask last4');
  expect(cell('Employee.ssn', 'scope hr:read')).toBe('deny');
  expect(cell('Employee.dateOfBirth', 'scope hr:read')).toBe('mask redact');
  expect(cell('Payslip.net', 'scope payroll:read')).toBe('allow');
  expect(cell('BankAccount.iban', 'scope payroll:read')).toBe('unreachable');
  expect(cell('BankAccount.iban', 'scopes hr:read payroll:read')).toBe('allow');
  expect(cell('Session.session', 'scope accounts:sign-in')).toBe('allow');
  for (const { cells } of matrix.rows) expect(['deny', 'hidden']).toContain(cells[0].verdict);
});

test('a terminal of 100 columns holds the demo, each coordinate once in each part', async () => {
  const { stdout } = await runIn(demo, ['matrix']);
  // What objects decide on is said below, in lines of its own length.
  const lines = stdout.split('\n').filter((line) => !line.startsWith('if '));
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(100);
  const parts = lines.filter((line) => /^ +\d+( +\d+)*$/.test(line));
  expect(parts.join(' ').trim().split(/\s+/).map(Number)).toEqual(
    Array.from({ length: 14 }, (_, index) => index + 1),
  );
  const ssn = lines.filter((line) => line.startsWith('  Employee.ssn '));
  expect(ssn.flatMap((line) => line.trim().split(/ {2,}/).slice(1))).toEqual([
    ...['deny', 'deny', 'deny', 'deny', 'no way', 'no way', 'deny', 'deny', 'deny'],
    ...['deny', 'deny', 'allow', '~last4', 'deny'],
  ]);
});

test('place and time are marked in the table, and said below it', async () => {
  const { stdout } = await runCommand(['matrix'], pay('allow: { network: office }'));
  expect(stdout).toMatch(/^ {2}Person\.salary +if a$/m);
  expect(stdout).toMatch(/^if a +allow only from network office; otherwise deny$/m);
});

test('without a class there is nothing to show, and that is said', async () => {
  const { code, stdout } = await runCommand(['matrix'], withRules(directory));
  expect(code).toBe(0);
  expect(stdout).toContain('no rule gives a coordinate a class');
});

test('names cannot move the cursor', async () => {
  const { stdout } = await runCommand(['matrix', '--as', '{"sub":"\\u202e\\u001b[2J"}'], people);
  expect(stdout).not.toMatch(/\p{Cf}|(?!\n)\p{Cc}/u);
  const claims = '{ claims: { team: ["\\e[2J\\u202e"] } }';
  const ran = await runCommand(['matrix'], salary(`allow: ${claims}`));
  expect(ran.stdout).toContain('claims.team ?[2J?');
});
