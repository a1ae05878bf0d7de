/**
 * Keeps the configured number of workers running: starts them, replaces those that exit or hang,
 * exchanges all of them one by one, and stops them. There is one more slot than workers, so that in
 * an exchange the new worker is ready before the old one is asked to leave.
 *
 * A worker that exits unasked is replaced after a backoff that doubles, up to a bound, with each
 * failure in a row. If no worker is left after too many failures in a row, the pool gives up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { endedWell, type WorkerProcess } from './fork-worker.ts';
import { WorkerHandle } from './worker-handle.ts';
import { pingAll } from './worker-heartbeat.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';
import {
  type WorkerEvent,
  type WorkerPoolLimits,
  type WorkerPoolOptions,
  workerPoolLimits,
} from './worker-pool-options.ts';

export interface WorkerPool {
  /** Resolves with the address once all are ready; rejects if one cannot start. */
  start(): Promise<string>;
  /** Exchanges every worker; during a running exchange, schedules one more after it. */
  rollingRestart(): Promise<void>;
  broadcast(message: ToWorker): void;
  /** Workers that take requests, with their slots. */
  ready(): readonly { readonly slot: number; readonly worker: WorkerProcess }[];
  /** Number of workers that exited unasked. */
  crashes(): number;
  /** Resolves once all have exited: true if each of them exited well. */
  stop(): Promise<boolean>;
}

/** Starts no worker before `start`. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  return new Pool(options);
}

class Pool implements WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #limits: WorkerPoolLimits;
  readonly #wait: NonNullable<WorkerPoolOptions['wait']>;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  readonly #members = new Map<number, WorkerHandle>();
  /** In the order in which they became free: the one longest unused is taken first. */
  readonly #free: number[];
  #isStarted = false;
  #failures = 0;
  #crashes = 0;
  #exchanging: Promise<void> | undefined;
  #again = false;
  /** Whether no worker failed after it was asked to stop. */
  #areWhole = true;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#limits = { ...workerPoolLimits, ...options.limits };
    this.#wait = options.wait ?? ((ms, signal) => sleep(ms, undefined, { signal }));
    this.#now = options.now ?? (() => performance.now());
    this.#free = Array.from({ length: options.count + 1 }, (_, at) => at + 1);
  }

  async start(): Promise<string> {
    // A fault in the configuration concerns all workers, so it is reported by the first alone.
    const first = this.#launch();
    await first.prepared;
    const others = Array.from({ length: this.#options.count - 1 }, () => this.#launch());
    await Promise.all(others.map(({ prepared }) => prepared));
    // Not before all are prepared: the first would get all long-lived connections.
    const url = await first.listen();
    await Promise.all(others.map((member) => member.listen()));
    this.#isStarted = true;
    this.#topUp();
    void this.#watch();
    return url;
  }

  ready(): readonly WorkerHandle[] {
    return [...this.#members.values()].filter(({ state }) => state === 'ready');
  }

  crashes(): number {
    return this.#crashes;
  }

  broadcast(message: ToWorker): void {
    for (const { worker } of this.#members.values()) worker.send(message);
  }

  rollingRestart(): Promise<void> {
    if (this.#exchanging !== undefined) this.#again = true;
    else {
      this.#exchanging = this.#exchangeAll().finally(() => {
        this.#exchanging = undefined;
        this.#topUp();
      });
    }
    return this.#exchanging;
  }

  async stop(): Promise<boolean> {
    this.#stop.abort();
    const leaving = [...this.#members.values()].map((member) => member.leave('stop'));
    await Promise.all(leaving);
    await this.#exchanging;
    return this.#areWhole;
  }

  #launch(): WorkerHandle {
    const slot = this.#free.shift();
    if (slot === undefined) throw new Error('every slot of a worker is taken');
    const member = new WorkerHandle({
      slot,
      startedAtMs: this.#now(),
      limits: this.#limits,
      wait: this.#wait,
      report: (event, one) => this.#report(event, one),
      fork: (one) =>
        this.#options.fork({
          message: (message) => this.#receive(one, message),
          ended: (how) => this.#ended(one, how),
        }),
    });
    this.#members.set(member.worker.id, member);
    this.#options.greet(member.worker, slot);
    member.begin();
    return member;
  }

  #receive(member: WorkerHandle, message: FromWorker): void {
    if (!member.takes(message)) this.#options.message(member.worker, message);
    else if (message.kind === 'prepared' && this.#isStarted) void member.listen();
  }

  /** A hanging worker is killed, and replaced like one that exited: it still gets connections. */
  async #watch(): Promise<void> {
    const { pulseMs, unansweredMax } = this.#limits;
    while (await this.#pause(pulseMs)) {
      for (const member of pingAll(this.ready(), unansweredMax)) {
        this.#report('hangs', member);
        member.worker.kill();
      }
    }
  }

  /** False if the pool was stopped meanwhile. */
  async #pause(ms: number): Promise<boolean> {
    try {
      await this.#wait(ms, this.#stop.signal);
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
    return !this.#stop.signal.aborted;
  }

  #ended(member: WorkerHandle, how: string): void {
    const { slot, worker, state } = member;
    this.#members.delete(worker.id);
    this.#free.push(slot);
    this.#options.gone(worker);
    member.end(how);
    if (state === 'leaving' || this.#stop.signal.aborted) {
      if (how !== endedWell && this.#stop.signal.aborted) this.#areWhole = false;
      this.#report('left', member, how);
      return;
    }
    this.#report(state === 'ready' ? 'ended' : 'failed', member, how);
    if (state === 'ready') {
      this.#crashes += 1;
      if (this.#now() - member.startedAtMs >= this.#limits.steadyMs) this.#failures = 0;
    }
    if (this.#isStarted) void this.#replace();
  }

  async #replace(): Promise<void> {
    const { failuresMax, backoffMinMs, backoffMaxMs } = this.#limits;
    const { count } = this.#options;
    const doublings = Math.min(Math.floor(this.#failures / count), 20);
    const pauseMs = Math.min(backoffMaxMs, backoffMinMs * 2 ** doublings);
    this.#failures += 1;
    if (this.#failures > failuresMax * count && this.ready().length === 0) {
      this.#options.gaveUp();
      return;
    }
    if ((await this.#pause(pauseMs)) && this.#wanted() > 0) this.#launch();
  }

  /** When a worker exits during an exchange, the successor of another may take its place. */
  #topUp(): void {
    for (let missing = this.#wanted(); missing > 0; missing -= 1) void this.#replace();
  }

  /** Number of missing workers; leaving ones do not count as present, successors do. */
  #wanted(): number {
    const staying = [...this.#members.values()].filter(({ state }) => state !== 'leaving');
    return Math.min(this.#options.count - staying.length, this.#free.length);
  }

  async #exchangeAll(): Promise<void> {
    do {
      this.#again = false;
      for (const member of this.ready()) {
        if (!(await this.#exchangeOne(member))) return;
      }
      if (!this.#stop.signal.aborted) this.#options.report({ event: 'exchanged' });
    } while (this.#again && !this.#stop.signal.aborted);
  }

  /** False if the new worker does not start: then the old ones stay. */
  async #exchangeOne(old: WorkerHandle): Promise<boolean> {
    if (this.#stop.signal.aborted) return false;
    // Exited meanwhile: its replacement is new already.
    if (old.state !== 'ready' || !this.#members.has(old.worker.id)) return true;
    if (this.#free.length === 0) return false;
    // Counts in place of the old one from here on, so that its failure causes no replacement.
    const next = this.#launch();
    try {
      await next.ready;
    } catch (error) {
      const how = error instanceof Error ? error.message : String(error);
      if (!this.#stop.signal.aborted) this.#report('exchange-failed', next, how);
      return false;
    }
    await old.leave('retire');
    return true;
  }

  #report(event: WorkerEvent['event'], { slot, worker }: WorkerHandle, how?: string): void {
    this.#options.report({ event, slot, pid: worker.pid, ...(how !== undefined && { how }) });
  }
}
