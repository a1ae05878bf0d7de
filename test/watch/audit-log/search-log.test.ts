/** Many segments are searched by several processes: what they find is what one would. */
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { listSegments } from '../../../gateway/watch/audit-log/read-segment.ts';
import { searchLog } from '../../../gateway/watch/audit-log/search/search-log.ts';
import { filesOf, newDirectory, range, writeLog } from './log-rig.ts';

async function found(directory: string, texts: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  const visit = (line: Buffer): void => {
    lines.push(JSON.parse(line.toString()).unmapped.gateway.request);
  };
  await searchLog(directory, { texts, sinceMs: undefined, visit });
  return lines.sort();
}

it.each(['none', 'zst'] as const)('each line once, in segments that are %s', async (compress) => {
  const directory = await newDirectory();
  await writeLog(directory, { records: 90, per: 10, rotateBytes: 1_000, compress });
  expect((await listSegments(directory)).length).toBeGreaterThan(6);
  expect(await found(directory, ['"r-1'])).toEqual(
    [1, ...range(10, 19)].map((number) => `r-${number}`).sort(),
  );
  expect(await found(directory, ['"r-90"', '"r-11"'])).toEqual(['r-11', 'r-90']);
  expect(await found(directory, ['"r-91"'])).toEqual([]);
});

it('what cannot be read is told', async () => {
  const directory = await newDirectory();
  await writeLog(directory, { records: 90, per: 10, rotateBytes: 1_000, compress: 'zst' });
  const [first = ''] = await filesOf(directory, '.zst');
  await writeFile(join(directory, first), 'no archive');
  await expect(found(directory, ['"r-90"'])).rejects.toThrow('Unknown frame descriptor');
});

/** Processes that this one has started and that are there. */
const children = (): number[] =>
  readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter((pid) => pid !== '')
    .map(Number);

it('who visits and throws is told so, and visited no more', async () => {
  const directory = await newDirectory();
  await writeLog(directory, { records: 90, per: 10, rotateBytes: 1_000 });
  const before = children();
  let visited = 0;
  const visit = (): void => {
    visited += 1;
    throw new Error('enough');
  };
  await expect(searchLog(directory, { texts: ['"r-'], sinceMs: undefined, visit })).rejects.toThrow(
    'enough',
  );
  await vi.waitFor(() => expect(children().filter((pid) => !before.includes(pid))).toEqual([]));
  expect(visited).toBe(1);
});

it('one that is killed in the middle fails the search, and the others end', async () => {
  const directory = await newDirectory();
  await writeLog(directory, { records: 900, per: 10, rotateBytes: 1_000 });
  const before = children();
  const { promise: started, resolve: begun } = Promise.withResolvers<number[]>();
  let visited = 0;
  const visit = (): void => {
    visited += 1;
    if (visited > 1) return;
    // While it stands still, none gets on: what they found has to be taken first.
    const searching = children().filter((pid) => !before.includes(pid));
    process.kill(searching[0] ?? 0, 'SIGKILL');
    begun(searching);
  };
  await expect(searchLog(directory, { texts: ['"r-'], sinceMs: undefined, visit })).rejects.toThrow(
    'ended early (SIGKILL)',
  );
  for (const pid of await started) {
    await vi.waitFor(() => expect(existsSync(`/proc/${pid}`)).toBe(false));
  }
  expect(visited).toBeLessThan(900);
});
