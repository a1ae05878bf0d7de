/**
 * A worker as its first process sees it, over node:cluster: that process holds the port and deals
 * connections out in turn, and one that a closing worker does not take any more goes to the next
 * (decisions/0011). The only file that starts processes.
 */
import cluster, { type Worker } from 'node:cluster';
import { fileURLToPath } from 'node:url';
import { closeWhatIsHandedOver } from './handed-over.ts';
import { createWholeLines } from './whole-lines.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';

/** A running worker. */
export interface WorkerProcess {
  /** Never used again. */
  readonly id: number;
  readonly pid: number;
  send(message: ToWorker): void;
  /** Ends it at once. */
  kill(): void;
}

export interface WorkerListeners {
  message(message: FromWorker): void;
  /** Told once; how it ended, in words. */
  ended(how: string): void;
}

export interface ForkOptions {
  /** Arguments of the command line. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Get whole lines. */
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** How a worker says that it ended, and that all it had to do was done. */
export const endedWell = 'exit code 0';

/** Starts one more process. */
export type ForkWorker = (listeners: WorkerListeners) => WorkerProcess;

/** Set for workers alone. */
export const workerVariable = 'FIELDGATE_WORKER';

const main = fileURLToPath(new URL('../main.ts', import.meta.url));

/** Sets node:cluster up for this process: to be called once. */
export function createFork(options: ForkOptions): ForkWorker {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({ exec: main, args: [...options.args], silent: true });
  return (listeners) => {
    const worker = cluster.fork({ ...options.env, [workerVariable]: '1' });
    const { process: child } = worker;
    closeWhatIsHandedOver(worker);
    passOn(child, options);
    // What node:cluster tells a process that nobody listens in is lost: its program may still be loading.
    let untold: ToWorker[] | undefined = [];
    // What cannot be sent any more is answered by the end of the process.
    const tell = (message: ToWorker): void =>
      void (worker.isConnected() && worker.send(message, () => undefined));
    worker.on('message', (message: FromWorker) => {
      if (message.kind !== 'hears') return listeners.message(message);
      untold?.forEach(tell);
      untold = undefined;
    });
    // Its pipe may break before it is seen to end.
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
