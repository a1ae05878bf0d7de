/**
 * What `serve` and `check` do with a wrong configuration: exit code 2, one clear line with file,
 * line and column, and nothing half-started: no port opened, no file written.
 */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { freePorts } from '../e2e/demo-process.ts';
import { readMarks, writeFiles } from '../support/config-files.ts';
import { testKeys } from '../support/tokens.ts';
import { type Files, people, runCommand } from './run-command.ts';
import { withWrong, wrongFiles } from './wrong-files.ts';

/** A line per problem: where it is, and a sentence that does not run over lines. */
const lineOf = (place: string) => new RegExp(`^${place.replaceAll('.', '\\.')}: \\S.{4,}\\n$`);

test('enough of them, and of every kind', () => {
  expect(wrongFiles.length).toBeGreaterThanOrEqual(60);
  const kinds = new Set(wrongFiles.map(({ file }) => file.split('/')[1] ?? file));
  expect([...kinds]).toEqual(['gateway.yaml', 'access', 'rates', 'limits', 'network']);
});

describe.each([
  { command: 'serve', cases: wrongFiles },
  { command: 'check', cases: wrongFiles.filter((_, index) => index % 3 === 0) },
])('$command', ({ command, cases }) => {
  test.each(cases)('$name', async (wrong) => {
    const { places } = readMarks(wrong.text);
    expect(places).toHaveLength(1);
    const files = { ...withWrong(wrong), 'keys.json': (await testKeys()).text };
    const { code, stdout, stderr, directory } = await runCommand([command], files);
    const { line = 0, column = 0 } = places[0] ?? {};
    const place = `${join(directory, wrong.file)}:${line}:${column}`;
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(lineOf(place));
    expect(stderr).not.toContain('fieldgate init');
    expect(await filesIn(directory)).toEqual(Object.keys(files).sort());
  });
});

async function filesIn(directory: string): Promise<string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  return found
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name).slice(directory.length + 1))
    .sort();
}

describe('a process of its own', () => {
  const chosen = wrongFiles.filter((_, index) => index % 20 === 0);

  test.each(chosen)('$name', async (wrong) => {
    const [port = 0, adminPort = 0] = await freePorts(2);
    const keys = { 'keys.json': (await testKeys()).text };
    const files = { ...onPorts(withWrong(wrong), port, adminPort), ...keys };
    const directory = await writeFiles(files);
    const ran = await runMain(['serve', '--config', join(directory, 'gateway.yaml')]);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(ran.stderr).toContain(`${join(directory, wrong.file)}:`);
    expect(await Promise.all([isOpen(port), isOpen(adminPort)])).toEqual([false, false]);
    expect(await filesIn(directory)).toEqual(Object.keys(files).sort());
  });

  test('a wrong command line', async () => {
    expect(await runMain(['serv'])).toMatchObject({ code: 2, stdout: '' });
    expect(await runMain(['serve', '--cofnig', 'x'])).toMatchObject({ code: 2, stdout: '' });
  });
});

function onPorts(files: Files, port: number, adminPort: number): Files {
  const own = files['gateway.yaml'] ?? '';
  if (/^▸?(?:listen|admin):/m.test(own)) return files;
  const doors = `listen: { port: ${port} }\nadmin: { port: ${adminPort} }\n`;
  return { ...files, 'gateway.yaml': `${own}${doors}` };
}

function runMain(args: readonly string[]) {
  const main = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [main, ...args], { timeout: 25_000 }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    );
  });
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

test('the files are right without the mistake', async () => {
  expect((await runCommand(['check'], people)).code).toBe(0);
});
