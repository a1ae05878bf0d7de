/** What stops the demo before it starts: ports that are taken, wrong or the same, and misuse. */
import { createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { runDemo } from '../../gateway/cli/demo.ts';
import { freePorts } from './demo-process.ts';

const open: Server[] = [];

afterEach(async () => {
  await Promise.all(
    open.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
  );
});

async function occupy(port: number): Promise<void> {
  const server = createServer();
  open.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
}

async function run(env: Record<string, string>, args: readonly string[] = []) {
  const printed: string[] = [];
  const complaints: string[] = [];
  const code = await runDemo({
    stdout: { write: (text) => printed.push(text) },
    stderr: { write: (text) => complaints.push(text) },
    env,
    args,
    signal: AbortSignal.abort(),
  });
  return { code, printed: printed.join(''), complaints: complaints.join('') };
}

const portEnv = ([gateway, admin, hris, payroll, accounts]: number[]) => ({
  FIELDGATE_PORT: String(gateway),
  FIELDGATE_ADMIN_PORT: String(admin),
  HRIS_PORT: String(hris),
  PAYROLL_PORT: String(payroll),
  ACCOUNTS_PORT: String(accounts),
});

const takenCases = [
  { name: 'the gateway', given: [0] },
  { name: 'an upstream', given: [2] },
  { name: 'all of them', given: [0, 1, 2, 3, 4] },
];
test.each(takenCases)('ports taken: $name; every one is named, no other', async ({ given }) => {
  const ports = await freePorts(5);
  await Promise.all(given.map((index) => occupy(ports[index] ?? 0)));
  const { code, printed, complaints } = await run(portEnv(ports));
  expect(code).toBe(1);
  expect(printed).toBe('');
  const named = ports.map((port) => complaints.includes(String(port)));
  expect(named).toEqual(ports.map((_, index) => given.includes(index)));
});

test('a refused start leaves nothing listening', async () => {
  const ports = await freePorts(5);
  const [gateway = 0, ...others] = ports;
  await occupy(gateway);
  expect((await run(portEnv(ports))).code).toBe(1);
  await Promise.all(others.map(occupy));
});

const wrongCases = [
  { name: 'not a number', env: { HRIS_PORT: 'x' }, names: ['HRIS_PORT'] },
  { name: 'out of range', env: { FIELDGATE_PORT: '70000' }, names: ['FIELDGATE_PORT'] },
  { name: 'zero', env: { PAYROLL_PORT: '0' }, names: ['PAYROLL_PORT'] },
  {
    name: 'one port twice',
    env: { FIELDGATE_PORT: '4200', PAYROLL_PORT: '4200' },
    names: ['FIELDGATE_PORT', 'PAYROLL_PORT'],
  },
];
test.each(wrongCases)('wrong ports: $name', async ({ env, names }) => {
  const { code, complaints } = await run(env);
  expect(code).toBe(1);
  for (const name of names) expect(complaints).toContain(name);
});

test('arguments are misuse', async () => {
  expect((await run({}, ['--fast'])).code).toBe(2);
});
