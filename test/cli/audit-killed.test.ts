/** A process of a search is killed, as a system short of memory does: no half an answer, and none of them is left. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { until } from '../support/redis.ts';
import { writeHistory } from './audit-rig.ts';

const main = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));

function childrenOf(pid = 0): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}

it.each([
  { form: [], told: ['', expect.stringMatching(/ended early \(SIGKILL\)/)] },
  { form: ['--json'], told: [expect.stringMatching(/"ok": false.*ended early \(SIGKILL\)/s), ''] },
])('who-saw $form says so, with 2', async ({ form, told }) => {
  const history = await writeHistory({
    records: 1_200,
    people: 5,
    epochs: 1,
    everyMs: 60_000,
    rotateBytes: 60_000,
  });
  const place = ['--directory', history.directory, '--subjectkeys', history.keys];
  const asking = spawn(process.execPath, [
    main,
    'audit',
    'who-saw',
    'Person',
    '1',
    ...place,
    ...form,
  ]);
  const closed = once(asking, 'close');
  let [out, err] = ['', ''];
  asking.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  asking.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  let searching: number[] = [];
  await until('a search', () => {
    searching = childrenOf(asking.pid);
    return searching.length > 0;
  });
  process.kill(searching.at(-1) ?? 0, 'SIGKILL');
  expect(await closed).toEqual([2, null]);
  expect([out, err]).toEqual(told);
  for (const pid of searching)
    await vi.waitFor(() => expect(existsSync(`/proc/${pid}`)).toBe(false));
  await history.remove();
});
