/** Which segments are read for what happened since a time, also where the clock was put back. */
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { segmentsSince } from '../../../gateway/watch/audit-log/read-segment.ts';
import { filesOf, newDirectory, openLog } from './log-rig.ts';

const nowMs = 1_790_000_000_000;
const dayMs = 86_400_000;

/** A log with a segment for each list of ages in days, last written at the last of them. */
async function writeSegments(ages: readonly (readonly number[])[]): Promise<string> {
  const directory = await newDirectory();
  for (const one of ages) {
    // All that is there is larger than this: each run of the log begins a segment.
    const log = await openLog(directory, { rotateBytes: 1, clock: () => nowMs });
    for (const age of one) {
      const time = nowMs - age * dayMs;
      log.append(JSON.stringify({ time, unmapped: { gateway: { age } } }));
    }
    await log.flushed();
    await log.close();
  }
  const names = await filesOf(directory, '.ndjson');
  for (const [at, name] of names.entries()) {
    const writtenAt = new Date(nowMs - (ages[at]?.at(-1) ?? 0) * dayMs);
    await utimes(join(directory, name), writtenAt, writtenAt);
  }
  expect(names.length).toBe(ages.length);
  return directory;
}

it.each([
  {
    name: 'a clock that runs',
    ages: [
      [9, 8],
      [7, 6],
      [5, 4],
      [1, 0],
    ],
    since: 4.5,
    skips: 2,
  },
  { name: 'put back', ages: [[9, 8], [2, 1], [21], [0]], since: 3, skips: 1 },
  { name: 'put back within a segment', ages: [[9, 8], [1, 21], [21], [0]], since: 3, skips: 1 },
  { name: 'put back within the first', ages: [[1, 21], [21], [0]], since: 3, skips: 0 },
])('$name', async ({ ages, since, skips }) => {
  const directory = await writeSegments(ages);
  const names = await filesOf(directory, '.ndjson');
  const found = await segmentsSince(directory, nowMs - since * dayMs);
  expect(found.map(({ lines }) => lines)).toEqual(names.slice(skips));
});
