/** A gateway of several processes as it is run, its files in a folder of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './redis.ts';

const main = fileURLToPath(new URL('../../gateway/main.ts', import.meta.url));

/** Processes start one after the other, on machines that do other things too. */
export const patienceMs = 50_000;

export interface WorkerGateway extends AsyncDisposable {
  readonly url: string;
  readonly adminUrl: string;
  readonly directory: string;
  readonly process: ChildProcess;
  /** Log lines so far; one that is no JSON throws. */
  lines(): Record<string, unknown>[];
  /** What it wrote to stderr. */
  complaints(): string;
  /** Pids of the workers that are ready. */
  pids(): number[];
  /** Asks it to stop, and resolves with its exit code. */
  stop(): Promise<number | null>;
}

export async function startWorkers(
  files: Readonly<Record<string, string>>,
  count: number,
  /** Arguments of Node itself, and what stands in the environment beside what stands there. */
  { nodeArgs = [], env = {} }: { nodeArgs?: readonly string[]; env?: Record<string, string> } = {},
): Promise<WorkerGateway> {
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), text);
  }
  const child = spawn(
    process.execPath,
    [
      ...nodeArgs,
      ...[main, 'serve', '--workers', String(count), '--config', join(directory, 'gateway.yaml')],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } },
  );
  let [out, complaints] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  const lines = () =>
    out
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const hasStarted = (): boolean => {
    if (child.exitCode !== null) throw new Error(`the gateway ended:\n${complaints}`);
    return /serving \S+,/.test(complaints);
  };
  try {
    await until('the gateway', hasStarted, patienceMs);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  const [, url = '', adminUrl = ''] = /serving (\S+), health on (\S+),/.exec(complaints) ?? [];
  const stop = async (): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'close');
      child.kill('SIGTERM');
      await ended;
    }
    return child.exitCode;
  };
  return {
    url,
    adminUrl,
    directory,
    process: child,
    lines,
    complaints: () => complaints,
    pids: () => readyPids(lines()),
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function readyPids(lines: readonly Record<string, unknown>[]): number[] {
  const pids = new Set<number>();
  for (const { kind, event, pid } of lines) {
    if (kind !== 'worker' || typeof pid !== 'number') continue;
    if (event === 'ready') pids.add(pid);
    else pids.delete(pid);
  }
  return [...pids];
}
