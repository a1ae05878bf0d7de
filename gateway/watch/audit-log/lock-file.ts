/**
 * One writer per directory: a file `lock` that names its holder. A lock is stale when its holder
 * is gone: on the same machine when no process has its pid and start time (a pid is used again, a
 * start time is not), elsewhere when it was not touched for a minute. Fails closed: a lock that
 * cannot be judged is held.
 *
 * The only file besides main.ts that asks who this process is.
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
  /** In clock ticks since boot; empty where the system does not say. */
  start: z.string(),
  /** Machine, boot and process namespace: where a pid means anything. */
  place: z.string(),
});
type Holder = z.output<typeof schema>;

/** A lock of another machine that was touched less long ago is held. */
const untouchedMaxMs = 60_000;

/** Somebody else writes to this directory. */
export class DirectoryLocked extends Error {
  override readonly name = 'DirectoryLocked';
}

export interface LockFile {
  /** Says that the holder is alive; false where the lock is no longer ours. */
  touch(): Promise<boolean>;
  release(): Promise<void>;
}

/** Takes the lock; throws DirectoryLocked where somebody has it. */
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
  // Half written, or from elsewhere: all there is to go by is when it was last touched.
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

/** Two that find the same stale lock both move it: who moved something else gives it back. */
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

/** Field 22 of /proc/PID/stat; empty where there is no such process, or no such file system. */
async function startOf(id: number): Promise<string> {
  const text = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
  // The name, in brackets, may hold blanks.
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
