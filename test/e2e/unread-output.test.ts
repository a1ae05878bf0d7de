/** A command whose answer goes nowhere has not said no: a closed pipe, a disk that is full. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const main = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));

/** Exit code and complaints of `fieldgate --help`, which answers 0 to whoever reads it. */
async function run(stdout: 'pipe' | number): Promise<{ code: number; stderr: string }> {
  const child = spawn(process.execPath, [main, '--help'], { stdio: ['ignore', stdout, 'pipe'] });
  child.stdout?.destroy();
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

it('2, and no word, where the reader has gone', async () => {
  expect(await run('pipe')).toEqual({ code: 2, stderr: '' });
});

it.runIf(existsSync('/dev/full'))('2, and why, where it cannot be written', async () => {
  await using full = await open('/dev/full', 'w');
  const { code, stderr } = await run(full.fd);
  expect([code, stderr]).toEqual([2, expect.stringContaining('ENOSPC')]);
});

it('2 for misuse also where nobody reads the complaint', async () => {
  const child = spawn(process.execPath, [main, 'explian'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stderr.destroy();
  const [code] = await once(child, 'exit');
  expect(code).toBe(2);
});
