/** A log that is verified while it is written, sent on, compressed and retired is called whole. */
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { OpenOptions } from '../../../gateway/watch/audit-log/open-audit-log.ts';
import { newDirectory, openLog, toEvent, verify, writeLog } from './log-rig.ts';

/** The problems of many looks at a log that is busy. */
async function problemsWhile(options: Partial<OpenOptions>) {
  const directory = await newDirectory();
  // Long enough to be written to while it is read.
  await writeLog(directory, { records: 800, per: 15, rotateBytes: 6_000 });
  const log = await openLog(directory, { rotateBytes: 6_000, ...options });
  let isBusy = true;
  const busy = (async () => {
    for (let count = 0; isBusy; count += 1) {
      const taken = log.append(toEvent(count));
      if (!taken.ok) throw new Error('the log refused an event');
      await taken.written;
      await shipTo(directory, taken.seq);
    }
  })();
  const problems = [];
  for (let look = 0; look < 5; look += 1) {
    await pause(20);
    problems.push(...(await verify(directory)).problems);
  }
  isBusy = false;
  await busy;
  await log.close();
  problems.push(...(await verify(directory)).problems);
  return problems;
}

/** As a forwarder that is never behind. */
async function shipTo(directory: string, seq: number): Promise<void> {
  const cursor = join(directory, 'cursor.json');
  await writeFile(`${cursor}.tmp`, JSON.stringify({ seq, segment: 1, offset: 0 }));
  await rename(`${cursor}.tmp`, cursor);
}

describe('verifying', { timeout: 120_000 }, () => {
  it('a log that grows, rotates and is sent on', async () => {
    expect(await problemsWhile({ compress: 'zst' })).toEqual([]);
  });

  it('a log of which retention deletes the beginning', async () => {
    expect(await problemsWhile({ retentionMs: 1, clock: () => Date.now() + 3_600_000 })).toEqual(
      [],
    );
  });
});
