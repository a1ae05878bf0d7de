/** `audit export` to a reader that stands still ends when it is told to, and does not say 0. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { writeHistory } from './audit-rig.ts';

const main = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));

it('ends with 2 at the first SIGTERM', { timeout: 30_000 }, async () => {
  const history = await writeHistory({ records: 3_000, people: 5, epochs: 1, everyMs: 60_000 });
  const place = ['--directory', history.directory];
  const exporting = spawn(process.execPath, [main, 'audit', 'export', ...place]);
  onTestFinished(async () => {
    exporting.kill('SIGKILL');
    await history.remove();
  });
  const ended = once(exporting, 'exit');
  // Two pipes full of it are far from all, and nothing more is read.
  await once(exporting.stdout, 'readable');
  exporting.kill('SIGTERM');
  expect(await ended).toEqual([2, null]);
});
