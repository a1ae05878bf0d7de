/** What a pool of workers is started with: what it calls, its times and bounds, what it reports. */
import type { ForkWorker, WorkerProcess } from './fork-worker.ts';
import type { FromWorker } from './worker-messages.ts';

export interface WorkerPoolOptions {
  readonly count: number;
  readonly fork: ForkWorker;
  /** Tells a new worker what it begins with. */
  readonly greet: (worker: WorkerProcess, slot: number) => void;
  /** Gets what the pool itself does not understand. */
  readonly message: (worker: WorkerProcess, message: FromWorker) => void;
  readonly gone: (worker: WorkerProcess) => void;
  readonly report: (event: WorkerEvent) => void;
  /** None is left and none will start. */
  readonly gaveUp: () => void;
  readonly limits?: Partial<WorkerPoolLimits>;
  /** Resolves after so long, or when the signal says so; default: a timer. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  readonly now?: () => number;
}

export interface WorkerPoolLimits {
  /** Until a worker is prepared, and again until it listens. */
  readonly startMs: number;
  /** From being asked to go until it has given a sign of life: what it does has no longer either. */
  readonly answerMs: number;
  /** From being asked to go until it is ended. */
  readonly leaveMs: number;
  /** How often a worker is asked for a sign of life. */
  readonly pulseMs: number;
  /** Questions in a row: a worker that answers none of them hangs. */
  readonly unansweredMax: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** One that ran so long ends a row of failures. */
  readonly steadyMs: number;
  /** In a row, for each worker that is wanted. */
  readonly failuresMax: number;
}

/** What holds where nothing else is said. */
export const workerPoolLimits: WorkerPoolLimits = Object.freeze({
  startMs: 60_000,
  answerMs: 10_000,
  leaveMs: 25_000,
  pulseMs: 5_000,
  unansweredMax: 6,
  backoffMinMs: 100,
  backoffMaxMs: 30_000,
  steadyMs: 60_000,
  failuresMax: 10,
});

/** What the pool reports, for the log. */
export interface WorkerEvent {
  readonly event:
    | 'ready'
    | 'left'
    | 'ended'
    | 'killed'
    | 'hangs'
    | 'failed'
    | 'exchanged'
    | 'exchange-failed';
  readonly slot?: number;
  readonly pid?: number;
  readonly how?: string;
}
