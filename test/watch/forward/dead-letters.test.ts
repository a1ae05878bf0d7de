/** Lines that were parked can be read back, whatever the disk did while they were written. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type DeadLetter, openDeadLetters } from '../../../gateway/watch/forward/dead-letters.ts';

const diskBytes = 262_144;

/** A file system of a quarter of a mebibyte; undefined where this process may not mount one. */
function mountSmall(): string | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'fieldgate-dead-'));
  const disk = join(directory, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', disk], {
      stdio: 'ignore',
    });
  } catch {
    rmSync(directory, { recursive: true });
    return undefined;
  }
  const remove = () => {
    execFileSync('umount', ['-l', disk]);
    rmSync(directory, { recursive: true });
  };
  onTestFinished(remove);
  return disk;
}

const letterOf = (seq: number, bytes: number): DeadLetter => ({
  ...{ timeMs: 0, reason: 'refused', detail: 'status 400', rejected: 1, of: 1, seq },
  line: Buffer.alloc(bytes, 'x'),
});

it('a disk that fills up leaves no half letter before the next', async (context) => {
  const disk = mountSmall();
  if (disk === undefined) return context.skip();
  const dead = await openDeadLetters(disk, 64 * diskBytes);
  await dead.park([letterOf(1, 100)]);
  const ballast = join(disk, 'ballast');
  writeFileSync(ballast, Buffer.alloc(diskBytes / 2));
  const large = letterOf(2, (diskBytes / 4) * 3);
  await expect(dead.park([large])).rejects.toThrow('ENOSPC');
  rmSync(ballast);
  expect(await dead.park([large])).toBe(true);
  await dead.close();
  const parked = readFileSync(join(disk, 'dead-letter.ndjson'), 'utf8').split('\n').slice(0, -1);
  expect(parked.map((letter) => JSON.parse(letter).seq)).toEqual([1, 2]);
});
