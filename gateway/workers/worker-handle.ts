/**
 * One worker as the pool keeps it: what it has said of itself so far, and how long it may take for
 * the next thing. One that takes longer is ended.
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
  /** Resolves after so long; rejects where the signal says so. */
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
  /** It has answered since it was asked to go. */
  readonly #hears = Promise.withResolvers<void>();

  constructor(options: WorkerHandleOptions) {
    this.#options = options;
    this.slot = options.slot;
    this.startedAtMs = options.startedAtMs;
    this.worker = options.fork(this);
    // Whoever waits for it is told; that nobody does is no fault.
    this.#prepared.promise.catch(() => undefined);
    this.#ready.promise.catch(() => undefined);
  }

  /** Resolves once all is there but the port; rejects where it ends before. */
  get prepared(): Promise<void> {
    return this.#prepared.promise;
  }

  /** Resolves with the address once it listens; rejects where it ends before. */
  get ready(): Promise<string> {
    return this.#ready.promise;
  }

  /** From the moment when it was told what it begins with. */
  begin(): void {
    void this.#limit(this.#options.limits.startMs, this.prepared);
  }

  listen(): Promise<string> {
    this.worker.send({ kind: 'listen' });
    void this.#limit(this.#options.limits.startMs, this.ready);
    return this.ready;
  }

  /** Asks it to go; resolves once it is gone. */
  async leave(kind: 'retire' | 'stop'): Promise<void> {
    this.state = 'leaving';
    this.worker.send({ kind });
    this.worker.send({ kind: 'ping' });
    const { answerMs, leaveMs } = this.#options.limits;
    void this.#limit(answerMs, this.#hears.promise);
    void this.#limit(leaveMs, this.#ended.promise);
    await this.#ended.promise;
  }

  /** Takes what a worker says of itself; false for everything else. */
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

  /** Tells whoever waits that it is gone. */
  end(how: string): void {
    const failure = new Error(`a worker did not start: ${how}`);
    this.#prepared.reject(failure);
    this.#ready.reject(failure);
    this.#hears.resolve();
    this.#ended.resolve(how);
  }

  /** Ends it where it is not `done` in time. */
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
