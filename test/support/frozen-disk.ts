/** A file system that can be frozen, as for a snapshot: whoever writes to it waits until it is thawed. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export interface FreezableDisk {
  readonly home: string;
  freeze(): void;
  /** Also where it is not frozen. */
  thaw(): void;
}

const diskBytes = 33_554_432;

/**
 * An ext4 in a file of its own until the file's tests are over; undefined where none may be mounted.
 * No process that cannot be killed from outside may write to it while it is frozen.
 */
export function mountFreezableDisk(): FreezableDisk | undefined {
  const directory = mkdtempSync(join(tmpdir(), 'fieldgate-frozen-'));
  const [image, home] = [join(directory, 'image'), join(directory, 'disk')];
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { stdio: 'ignore' });
  try {
    mkdirSync(home);
    writeFileSync(image, Buffer.alloc(diskBytes));
    run('mkfs.ext4', '-q', image);
    run('mount', '-o', 'loop', image, home);
  } catch {
    rmSync(directory, { recursive: true });
    return undefined;
  }
  let isFrozen = false;
  const thaw = (): void => {
    if (isFrozen) run('fsfreeze', '--unfreeze', home);
    isFrozen = false;
  };
  afterAll(() => {
    thaw();
    run('umount', '-l', home);
    rmSync(directory, { recursive: true });
  });
  return {
    home,
    freeze() {
      run('fsfreeze', '--freeze', home);
      isFrozen = true;
    },
    thaw,
  };
}
