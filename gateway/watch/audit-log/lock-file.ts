/**
 * One writer per directory: a file `lock` that names its holder. A lock is stale if its holder is
 * gone: on this machine, if no process has its pid and start time (pids are reused, with another
 * start time); elsewhere, if it was not touched for a minute. Fails closed: a lock that cannot be
 * judged counts as held.
 *
 * The only file besides main.ts that reads this process's identity.
 */
import { randomUUID } from 'node:crypto';
import { link, open, readFile, readlink, rename, stat, unlink, utimes } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { kill, pid } from 'node:process';
import { z } from 'zod';
import { readIfThere } from './signing-key.ts';

const schema = z.strictObject({
  token: z.string(),
  pid: z.int(),
  /** In clock ticks since boot; empty if the system does not tell. */
  start: z.string(),
  /** Machine, boot and pid namespace, within which a pid is meaningful. */
  place: z.string(),
});
type Holder = z.output<typeof schema>;

/** A lock of another machine counts as held if it was touched within this time. */
const untouchedMaxMs = 60_000;

/** Another process writes to this directory. */
export class DirectoryLocked extends Error {
  override readonly name = 'DirectoryLocked';
}

export interface LockFile {
  /** Shows that the holder is alive; false if the lock is no longer ours. */
  touch(): Promise<boolean>;
  release(): Promise<void>;
}

/** Takes the lock; throws DirectoryLocked if another process holds it. */
export async function takeLock(directory: string): Promise<LockFile> {
  const file = join(directory, 'lock');
  const mine: Holder = {
    token: randomUUID(),
    pid,
    start: await startOf(pid),
    place: await placeOfPids(),
  };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await create(file, mine)) return toLock(file, mine.token);
    const held = await readIfThere(file);
    if (held === undefined) continue;
    if (await isHeld(file, held, mine.place)) break;
    await setAside(file, held);
  }
  throw new DirectoryLocked(`another process writes to ${directory} (${file})`);
}

async function create(file: string, mine: Holder): Promise<boolean> {
  try {
    await using handle = await open(file, 'wx', 0o600);
    await handle.writeFile(`${JSON.stringify(mine)}\n`);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function isHeld(file: string, text: string, place: string): Promise<boolean> {
  const holder = schema.safeParse(parse(text)).data;
  if (holder?.place === place) return await isRunning(holder);
  // Partly written or from elsewhere, so only the time of its last touch can tell.
  const touched = await stat(file).catch(() => undefined);
  return touched !== undefined && Date.now() - touched.mtimeMs < untouchedMaxMs;
}

async function isRunning(holder: Holder): Promise<boolean> {
  const start = await startOf(holder.pid);
  if (holder.start !== '' || start !== '') return start === holder.start;
  try {
    return kill(holder.pid, 0);
  } catch (error) {
    return !hasCode(error, 'ESRCH');
  }
}

/** Moves a stale lock away. If two processes race, the one that moved a newer lock puts it back. */
async function setAside(file: string, judged: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
    if ((await readFile(aside, 'utf8')) !== judged) await link(aside, file);
    await unlink(aside);
  } catch (error) {
    if (!hasCode(error, 'ENOENT') && !hasCode(error, 'EEXIST')) throw error;
  }
}

function toLock(file: string, token: string): LockFile {
  const isOurs = async () => {
    const text = await readIfThere(file);
    return text !== undefined && schema.safeParse(parse(text)).data?.token === token;
  };
  return {
    async touch() {
      if (!(await isOurs())) return false;
      const now = new Date();
      await utimes(file, now, now);
      return true;
    },
    async release() {
      if (await isOurs()) await unlink(file);
    },
  };
}

/** Field 22 of /proc/PID/stat; empty if there is no such process, or no /proc. */
async function startOf(id: number): Promise<string> {
  const text = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
  // The name, in brackets, may contain blanks.
  return text.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

async function placeOfPids(): Promise<string> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  const namespace = await readlink('/proc/self/ns/pid').catch(() => '');
  return [hostname(), boot.trim(), namespace].join(' ');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
