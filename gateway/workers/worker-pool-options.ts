/** Options of a worker pool: its callbacks, times, bounds and reports. */
import type { ForkWorker, WorkerProcess } from './fork-worker.ts';
import type { FromWorker } from './worker-messages.ts';

export interface WorkerPoolOptions {
  readonly count: number;
  readonly fork: ForkWorker;
  /** Sends a new worker its start configuration. */
  readonly greet: (worker: WorkerProcess, slot: number) => void;
  /** Receives messages that the pool does not handle itself. */
  readonly message: (worker: WorkerProcess, message: FromWorker) => void;
  readonly gone: (worker: WorkerProcess) => void;
  readonly report: (event: WorkerEvent) => void;
  /** Called when no worker is left and none will be started. */
  readonly gaveUp: () => void;
  readonly limits?: Partial<WorkerPoolLimits>;
  /** Resolves after `ms`, or rejects if the signal aborts; default: a timer. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<unknown>;
  readonly now?: () => number;
}

export interface WorkerPoolLimits {
  /** Until a worker is prepared, and again until it listens. */
  readonly startMs: number;
  /** From the request to leave until a sign of life. */
  readonly answerMs: number;
  /** From the request to leave until it is killed. */
  readonly leaveMs: number;
  /** Interval of pings. */
  readonly pulseMs: number;
  /** Unanswered pings in a row after which a worker counts as hanging. */
  readonly unansweredMax: number;
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** A worker that ran for this long resets the count of failures. */
  readonly steadyMs: number;
  /** Failures in a row, per worker of `count`. */
  readonly failuresMax: number;
}

/** Default limits. */
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

/** A log event of the pool. */
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
