/**
 * Runs a worker process over node:cluster: the first process holds the port and deals out
 * connections round-robin; a connection that a closing worker no longer accepts goes to the next
 * (decisions/0011). The only file that starts processes.
 */
import cluster, { type Worker } from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { closeWhatIsHandedOver } from './handed-over.ts';
import { createWholeLines } from './whole-lines.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** A running worker. */
export interface WorkerProcess {
  /** Never reused. */
  readonly id: number;
  readonly pid: number;
  send(message: ToWorker): void;
  /** Kills the process. */
  kill(): void;
}

export interface WorkerListeners {
  message(message: FromWorker): void;
  /** Called once; `how` describes the exit in words. */
  ended(how: string): void;
}

export interface ForkOptions {
  /** Command-line arguments. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Receive whole lines. */
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** The `how` of a worker that exited after all its work was done. */
export const endedWell = 'exit code 0';

/** Starts another process. */
export type ForkWorker = (listeners: WorkerListeners) => WorkerProcess;

/** Set in workers only. */
export const workerVariable = 'FIELDGATE_WORKER';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Configures node:cluster for this process; call once. */
export function createFork(options: ForkOptions): ForkWorker {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({ exec: main, args: [...options.args], silent: true });
  return (listeners) => {
    const worker = cluster.fork({ ...options.env, [workerVariable]: '1' });
    const { process: child } = worker;
    closeWhatIsHandedOver(worker);
    passOn(child, options);
    // node:cluster drops messages that arrive before the program in the worker has loaded and
    // listens.
    let untold: ToWorker[] | undefined = [];
    // A message that cannot be sent any more is settled by the exit of the process.
    const tell = (message: ToWorker): void =>
      void (worker.isConnected() && worker.send(message, () => undefined));
    worker.on('message', (message: FromWorker) => {
      if (message.kind !== 'hears') return listeners.message(message);
      untold?.forEach(tell);
      untold = undefined;
    });
    // The pipe may break before the exit is noticed.
    worker.on('error', () => child.kill('SIGKILL'));
    worker.once('exit', (code, signal) => listeners.ended(signal ?? `exit code ${code}`));
    return {
      id: worker.id,
      pid: child.pid ?? -1,
      send: (message) => (untold === undefined ? tell(message) : void untold.push(message)),
      kill: () => void child.kill('SIGKILL'),
    };
  };
}

function passOn(child: Worker['process'], { stdout, stderr }: ForkOptions): void {
  for (const [stream, write] of [
    [child.stdout, stdout],
    [child.stderr, stderr],
  ] as const) {
    const lines = createWholeLines(write);
    stream?.on('data', (chunk: Buffer) => lines.push(chunk));
    stream?.once('close', () => lines.end());
  }
}
