/**
 * Keeps as many workers as are wanted: starts them, replaces one that ends or hangs, exchanges all of
 * them one by one, and ends them. One slot more than workers is there for the exchange, so the new one
 * is ready before the old one is asked to go.
 *
 * A worker that ends unasked is replaced after a pause that doubles, up to a bound, with each
 * failure in a row. Where none is left and so many attempts in a row have failed, it gives up.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { endedWell, type WorkerProcess } from './fork-worker.ts';
import type { FromWorker, ToWorker } from './worker-messages.ts';
import {
  type WorkerEvent,
  type WorkerPoolLimits,
  type WorkerPoolOptions,
  workerPoolLimits,
} from './worker-pool-options.ts';
import { askAll, type Pulse } from './worker-pulse.ts';

export interface WorkerPool {
  /** Resolves with the address once all are ready; rejects where one cannot start. */
  start(): Promise<string>;
  /** Exchanges every worker; at once with a running exchange, another one follows it. */
  exchange(): Promise<void>;
  broadcast(message: ToWorker): void;
  /** Workers that take requests, with their slots. */
  ready(): readonly { readonly slot: number; readonly worker: WorkerProcess }[];
  /** Workers that ended unasked. */
  crashes(): number;
  /** Resolves once all are gone: whether each of them ended well. */
  stop(): Promise<boolean>;
}

interface Member extends Pulse {
  readonly slot: number;
  readonly worker: WorkerProcess;
  readonly prepared: PromiseWithResolvers<void>;
  readonly ready: PromiseWithResolvers<string>;
  readonly ended: PromiseWithResolvers<string>;
  readonly startedAtMs: number;
  state: 'starting' | 'ready' | 'leaving';
}

/** Starts nothing before `start`. */
export function createWorkerPool(options: WorkerPoolOptions): WorkerPool {
  return new Pool(options);
}

class Pool implements WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #limits: WorkerPoolLimits;
  readonly #wait: NonNullable<WorkerPoolOptions['wait']>;
  readonly #now: () => number;
  readonly #stop = new AbortController();
  readonly #members = new Map<number, Member>();
  /** Slots in the order in which they became free: the longest unused goes first. */
  readonly #free: number[];
  #isStarted = false;
  #failures = 0;
  #crashes = 0;
  #exchanging: Promise<void> | undefined;
  #again = false;
  /** None that was asked to stop ended with a failure. */
  #areWhole = true;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#limits = { ...workerPoolLimits, ...options.limits };
    this.#wait = options.wait ?? ((ms, signal) => sleep(ms, undefined, { signal }));
    this.#now = options.now ?? (() => performance.now());
    this.#free = Array.from({ length: options.count + 1 }, (_, at) => at + 1);
  }

  async start(): Promise<string> {
    // What is wrong for one is wrong for all, and said once.
    const first = this.#launch();
    await first.prepared.promise;
    const others = Array.from({ length: this.#options.count - 1 }, () => this.#launch());
    await Promise.all(others.map(({ prepared }) => prepared.promise));
    // None before all are prepared: connections that stay would all be the first one's.
    const url = await this.#listen(first);
    await Promise.all(others.map((member) => this.#listen(member)));
    this.#isStarted = true;
    this.#topUp();
    void this.#watch();
    return url;
  }

  ready(): readonly Member[] {
    return [...this.#members.values()].filter(({ state }) => state === 'ready');
  }

  crashes(): number {
    return this.#crashes;
  }

  broadcast(message: ToWorker): void {
    for (const { worker } of this.#members.values()) worker.send(message);
  }

  exchange(): Promise<void> {
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
    const leaving = [...this.#members.values()].map((member) => this.#leave(member, 'stop'));
    await Promise.all(leaving);
    await this.#exchanging;
    return this.#areWhole;
  }

  #launch(): Member {
    const slot = this.#free.shift();
    if (slot === undefined) throw new Error('every slot of a worker is taken');
    const member: Member = {
      slot,
      worker: this.#options.fork({
        message: (message) => this.#receive(member, message),
        ended: (how) => this.#ended(member, how),
      }),
      prepared: Promise.withResolvers(),
      ready: Promise.withResolvers(),
      ended: Promise.withResolvers(),
      startedAtMs: this.#now(),
      state: 'starting',
      unanswered: 0,
    };
    // Whoever waits for it is told; that nobody does is no fault.
    member.prepared.promise.catch(() => undefined);
    member.ready.promise.catch(() => undefined);
    this.#members.set(member.worker.id, member);
    this.#options.greet(member.worker, slot);
    void this.#limit(member, this.#limits.startMs, member.prepared.promise);
    return member;
  }

  #listen(member: Member): Promise<string> {
    member.worker.send({ kind: 'listen' });
    void this.#limit(member, this.#limits.startMs, member.ready.promise);
    return member.ready.promise;
  }

  /** Ends a worker that is not `done` in time. */
  async #limit(member: Member, ms: number, done: Promise<unknown>): Promise<void> {
    const settled = new AbortController();
    const cancel = (): void => settled.abort();
    done.then(cancel, cancel);
    try {
      await this.#wait(ms, settled.signal);
    } catch (error) {
      if (settled.signal.aborted) return;
      throw error;
    }
    if (settled.signal.aborted) return;
    this.#report('killed', member);
    member.worker.kill();
  }

  #receive(member: Member, message: FromWorker): void {
    member.unanswered = 0;
    switch (message.kind) {
      case 'pong':
        return;
      case 'prepared':
        member.prepared.resolve();
        if (this.#isStarted) void this.#listen(member);
        return;
      case 'ready':
        if (member.state === 'starting') member.state = 'ready';
        this.#report('ready', member);
        member.ready.resolve(message.url);
        return;
    }
    this.#options.message(member.worker, message);
  }

  /** One that hangs is ended, and replaced as one that ended: callers were dealt to it as well. */
  async #watch(): Promise<void> {
    const { pulseMs, unansweredMax } = this.#limits;
    while (await this.#pause(pulseMs)) {
      for (const member of askAll(this.ready(), unansweredMax)) {
        this.#report('hangs', member);
        member.worker.kill();
      }
    }
  }

  /** False where all is stopped meanwhile. */
  async #pause(ms: number): Promise<boolean> {
    try {
      await this.#wait(ms, this.#stop.signal);
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
    return !this.#stop.signal.aborted;
  }

  #ended(member: Member, how: string): void {
    const { slot, worker, state } = member;
    this.#members.delete(worker.id);
    this.#free.push(slot);
    this.#options.gone(worker);
    const failure = new Error(`a worker did not start: ${how}`);
    member.prepared.reject(failure);
    member.ready.reject(failure);
    member.ended.resolve(how);
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

  /** A worker that ended during the exchange had its place taken by the new one of another. */
  #topUp(): void {
    for (let missing = this.#wanted(); missing > 0; missing -= 1) void this.#replace();
  }

  /** How many are missing; those that leave do not count, one that takes over does. */
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

  /** False where the new one does not start: then the old ones stay. */
  async #exchangeOne(old: Member): Promise<boolean> {
    if (this.#stop.signal.aborted) return false;
    // Gone meanwhile: its replacement is new already.
    if (old.state !== 'ready' || !this.#members.has(old.worker.id)) return true;
    if (this.#free.length === 0) return false;
    // Counted as the old one from here on, so that a failure of the new one is not made up for.
    const next = this.#launch();
    try {
      await next.ready.promise;
    } catch (error) {
      const how = error instanceof Error ? error.message : String(error);
      if (!this.#stop.signal.aborted) this.#report('exchange-failed', next, how);
      return false;
    }
    await this.#leave(old, 'retire');
    return true;
  }

  async #leave(member: Member, kind: 'retire' | 'stop'): Promise<void> {
    member.state = 'leaving';
    member.worker.send({ kind });
    void this.#limit(member, this.#limits.leaveMs, member.ended.promise);
    await member.ended.promise;
  }

  #report(event: WorkerEvent['event'], { slot, worker }: Member, how?: string): void {
    this.#options.report({ event, slot, pid: worker.pid, ...(how !== undefined && { how }) });
  }
}
