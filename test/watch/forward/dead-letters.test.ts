/** Lines that were parked can be read back, whatever the disk did while they were written. */
import { rmSync, writeFileSync } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type DeadLetter, openDeadLetters } from '../../../gateway/watch/forward/dead-letters.ts';
import { writeFiles } from '../../support/config-files.ts';
import { mountSmallDisk } from '../../support/small-disk.ts';
import { tempFolder } from '../../support/temp-folder.ts';
import { parkedIn } from './forwarder-rig.ts';

const diskBytes = 262_144;

const disk = mountSmallDisk(diskBytes);

const letterOf = (seq: number, bytes: number): DeadLetter => ({
  ...{ timeMs: 0, reason: 'refused', detail: 'status 400', rejected: 1, of: 1, seq },
  line: Buffer.alloc(bytes, 'x'),
});

it.runIf(disk)('a disk that fills up leaves no half letter before the next', async () => {
  const full = disk ?? '';
  const dead = await openDeadLetters(full, 64 * diskBytes);
  await dead.park([letterOf(1, 100)]);
  const ballast = join(full, 'ballast');
  writeFileSync(ballast, Buffer.alloc(diskBytes / 2));
  const large = letterOf(2, (diskBytes / 4) * 3);
  await expect(dead.park([large])).rejects.toThrow('ENOSPC');
  rmSync(ballast);
  expect(await dead.park([large])).toBe(true);
  expect(parkedIn(full).map(({ seq }) => seq)).toEqual([1, 2]);
});

it.each([
  { name: 'whole', left: '{"seq":1}\n', expect: '{"seq":1}\n' },
  { name: 'cut short', left: '{"seq":1}\n{"se', expect: '{"seq":1}\n{"se\n' },
  { name: 'empty', left: '', expect: '' },
])(
  'a file that an earlier process left $name is gone on with on a line of its own',
  async (row) => {
    const directory = await writeFiles({ 'dead-letter.ndjson': row.left });
    const dead = await openDeadLetters(directory, row.expect.length + 120);
    expect(await dead.park([letterOf(2, 1_000)])).toBe(false);
    expect(await dead.park([letterOf(2, 10)])).toBe(true);
    const text = await readFile(join(directory, 'dead-letter.ndjson'), 'utf8');
    expect(text.startsWith(row.expect)).toBe(true);
    expect(JSON.parse(text.slice(row.expect.length))).toMatchObject({ seq: 2 });
  },
);

it('a full file that is moved away makes room, without a new start', async () => {
  const directory = await tempFolder('dead');
  const dead = await openDeadLetters(directory, 250);
  expect(await dead.park([letterOf(1, 10)])).toBe(true);
  expect(await dead.park([letterOf(2, 100)])).toBe(false);
  await rename(join(directory, 'dead-letter.ndjson'), join(directory, 'moved'));
  expect(await dead.park([letterOf(2, 100)])).toBe(true);
  expect(parkedIn(directory).map(({ seq }) => seq)).toEqual([2]);
});
