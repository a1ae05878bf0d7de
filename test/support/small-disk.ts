/** A file system that is soon full. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A tmpfs of so many bytes until the file's tests are over; undefined where none may be mounted. */
export function mountSmallDisk(bytes: number): string | undefined {
  const disk = mkdtempSync(join(tmpdir(), 'fieldgate-disk-'));
  try {
    const args = ['-t', 'tmpfs', '-o', `size=${bytes}`, 'tmpfs', disk];
    execFileSync('mount', args, { stdio: 'ignore' });
  } catch {
    rmSync(disk, { recursive: true });
    return undefined;
  }
  afterAll(() => {
    execFileSync('umount', ['-l', disk]);
    rmSync(disk, { recursive: true });
  });
  return disk;
}
