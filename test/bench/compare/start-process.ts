/**
 * Starts a gateway as a process of its own and waits for its first right answer. What it prints
 * goes to a file, as in production, and is looked at only where it does not start.
 */
import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { cpuMs, end } from '../child-process.ts';
import { notListening } from './first-answer.ts';
import { rssMb } from './resident-memory.ts';

export interface Started extends AsyncDisposable {
  /** Of the endpoint that takes `workload`. */
  url(workload: string): string;
  /** All threads, so far. */
  cpuMs(): number;
  /** Resident now. */
  rssMb(): number;
  /** From spawn to the first right answer. */
  readonly startUpMs: number;
  /** Different wrong answers before it, at most a few. */
  readonly firstFaults: readonly string[];
}

export interface ProcessPlan {
  readonly args: readonly string[];
  readonly url: string;
  /** Gets everything it prints. */
  readonly logFile: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Undefined: rightly. */
  findFault(url: string): Promise<string | undefined>;
}

const startMaxMs = 60_000;
const lookEveryMs = 10;
const faultsMax = 5;

/** Throws with the end of what it printed where it ends, or does not answer in 60 seconds. */
export async function startProcess(plan: ProcessPlan): Promise<Started> {
  const log = await open(plan.logFile, 'w');
  const spawnedMs = performance.now();
  const child = spawn(process.execPath, plan.args, {
    stdio: ['ignore', log.fd, log.fd],
    env: { ...process.env, NODE_ENV: 'production', ...plan.env },
    ...(plan.cwd !== undefined && { cwd: plan.cwd }),
  });
  await log.close();
  const faults = new Set<string>();
  for (;;) {
    const fault = await plan.findFault(plan.url);
    if (fault === undefined) break;
    if (faults.size < faultsMax) faults.add(fault);
    const isLate = performance.now() - spawnedMs > startMaxMs;
    if (child.exitCode !== null || isLate) {
      await end(child);
      const printed = await readFile(plan.logFile, 'utf8');
      const what = isLate ? `no right answer, ${[...faults].at(-1)}` : 'it ended';
      throw new Error(`${what}; it printed: ${printed.slice(-2_000)}`);
    }
    await wait(lookEveryMs);
  }
  const startUpMs = performance.now() - spawnedMs;
  return {
    url: () => plan.url,
    cpuMs: () => cpuMs(child),
    rssMb: () => rssMb(child.pid),
    startUpMs,
    firstFaults: [...faults].filter((fault) => fault !== notListening),
    [Symbol.asyncDispose]: () => end(child),
  };
}

/** A port that was free just now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
