/**
 * One worker of the pool: its reported state, and the time limit for its next step. A worker that
 * exceeds the limit is killed.
 */
import type { WorkerProcess } from './fork-worker.ts';
import type { Heartbeat } from './worker-heartbeat.ts';
import type { FromWorker } from './worker-messages.ts';
import type { WorkerEvent, WorkerPoolLimits } from './worker-pool-options.ts';

export interface WorkerHandleOptions {
  readonly slot: number;
  readonly startedAtMs: number;
  readonly limits: Pick<WorkerPoolLimits, 'startMs' | 'answerMs' | 'leaveMs'>;
  readonly fork: (member: WorkerHandle) => WorkerProcess;
  /** Resolves after `ms`; rejects if the signal aborts. */
  readonly wait: (ms: number, signal: AbortSignal) => Promise<unknown>;
  readonly report: (event: WorkerEvent['event'], member: WorkerHandle) => void;
}

export class WorkerHandle implements Heartbeat {
  readonly slot: number;
  readonly startedAtMs: number;
  readonly worker: WorkerProcess;
  state: 'starting' | 'ready' | 'leaving' = 'starting';
  unanswered = 0;
  readonly #options: WorkerHandleOptions;
  readonly #prepared = Promise.withResolvers<void>();
  readonly #ready = Promise.withResolvers<string>();
  readonly #ended = Promise.withResolvers<string>();
  /** Resolves when the worker has answered since it was asked to leave. */
  readonly #hears = Promise.withResolvers<void>();

  constructor(options: WorkerHandleOptions) {
    this.#options = options;
    this.slot = options.slot;
    this.startedAtMs = options.startedAtMs;
    this.worker = options.fork(this);
    // Avoids unhandled rejections if there is no waiter; waiters get the rejection all the same.
    this.#prepared.promise.catch(() => undefined);
    this.#ready.promise.catch(() => undefined);
  }

  /** Resolves once everything but the port is ready; rejects if the worker exits before. */
  get prepared(): Promise<void> {
    return this.#prepared.promise;
  }

  /** Resolves with the address once the worker listens; rejects if it exits before. */
  get ready(): Promise<string> {
    return this.#ready.promise;
  }

  /** Starts the time limit; called once the worker has its start message. */
  begin(): void {
    void this.#limit(this.#options.limits.startMs, this.prepared);
  }

  listen(): Promise<string> {
    this.worker.send({ kind: 'listen' });
    void this.#limit(this.#options.limits.startMs, this.ready);
    return this.ready;
  }

  /** Asks the worker to leave; resolves once it has exited. */
  async leave(kind: 'retire' | 'stop'): Promise<void> {
    this.state = 'leaving';
    this.worker.send({ kind });
    this.worker.send({ kind: 'ping' });
    const { answerMs, leaveMs } = this.#options.limits;
    void this.#limit(answerMs, this.#hears.promise);
    void this.#limit(leaveMs, this.#ended.promise);
    await this.#ended.promise;
  }

  /** Handles a worker's messages about its own state; returns false for all others. */
  takes(message: FromWorker): boolean {
    this.unanswered = 0;
    switch (message.kind) {
      case 'pong':
        if (this.state === 'leaving') this.#hears.resolve();
        return true;
      case 'prepared':
        this.#prepared.resolve();
        return true;
      case 'ready':
        if (this.state === 'starting') this.state = 'ready';
        this.#options.report('ready', this);
        this.#ready.resolve(message.url);
        return true;
    }
    return false;
  }

  /** Settles all waiters after the worker has exited. */
  end(how: string): void {
    const failure = new Error(`a worker did not start: ${how}`);
    this.#prepared.reject(failure);
    this.#ready.reject(failure);
    this.#hears.resolve();
    this.#ended.resolve(how);
  }

  /** Kills the worker if `done` does not settle in time. */
  async #limit(ms: number, done: Promise<unknown>): Promise<void> {
    const settled = new AbortController();
    const cancel = (): void => settled.abort();
    done.then(cancel, cancel);
    try {
      await this.#options.wait(ms, settled.signal);
    } catch (error) {
      if (settled.signal.aborted) return;
      throw error;
    }
    if (settled.signal.aborted) return;
    this.#options.report('killed', this);
    this.worker.kill();
  }
}
