/**
 * Limits the concurrent and waiting calls of one upstream: callers take turns, and each caller's
 * calls keep their order. A waiting call leaves when its client disconnects or its operation's time
 * is up.
 *
 * A caller who knows slow requests could fill all slots. So no caller can hold more than three
 * quarters of them, rounded up, and if the queue is full, a call is evicted from the caller with
 * most waiting.
 */

import { PassingMap } from '../../caches/passing-map.ts';
import { UpstreamFailure, type UpstreamFailureKind } from '../../errors.ts';
import type { CallContext } from '../upstream.ts';

export interface SlotsOptions {
  readonly upstream: string;
  /** Most concurrent calls. */
  readonly inFlightMax: number;
  /** Most waiting calls; 0: none. */
  readonly queueMax: number;
  /** Milliseconds on the clock of the context's deadline. */
  readonly now: () => number;
}

type Waiting = Pick<CallContext, 'signal' | 'deadlineMs'>;

export interface Slots {
  /** Undefined if a call may run now, else resolves when it may; throws UpstreamFailure. */
  take(context: Waiting, caller: string): Promise<void> | undefined;
  /** Returns a slot: once for each that was taken. */
  give(caller: string): void;
  sizes(): { readonly inFlight: number; readonly waiting: number };
}

interface Waiter {
  readonly go: () => void;
  readonly quit: (why: UpstreamFailure) => void;
}

/** One caller's calls; kept while there are any. A set allows leaving from the middle. */
interface Line {
  readonly caller: string;
  running: number;
  /** Nearly always `noWaiters`. */
  waiting: Set<Waiter>;
}

/** Shared, so it must stay empty. */
const noWaiters: Set<Waiter> = new Set();

const timerMaxMs = 2 ** 31 - 1;

export function createSlots(options: SlotsOptions): Slots {
  return new CallSlots(options);
}

class CallSlots implements Slots {
  readonly #options: SlotsOptions;
  readonly #runningMax: number;
  readonly #lines = new PassingMap<string, Line>();
  /** Lines with waiting calls, next turn first. */
  readonly #turns = new Set<Line>();
  #inFlight = 0;
  #waiting = 0;

  constructor(options: SlotsOptions) {
    this.#options = options;
    this.#runningMax = Math.ceil((options.inFlightMax * 3) / 4);
  }

  sizes(): { readonly inFlight: number; readonly waiting: number } {
    return { inFlight: this.#inFlight, waiting: this.#waiting };
  }

  take(context: Waiting, caller: string): Promise<void> | undefined {
    const { now, inFlightMax } = this.#options;
    if (now() >= context.deadlineMs) throw this.#fail('timeout');
    if (context.signal.aborted) throw this.#fail('cancelled');
    const line = this.#lines.get(caller) ?? { caller, running: 0, waiting: noWaiters };
    if (this.#inFlight < inFlightMax && line.running < this.#runningMax) {
      this.#inFlight += 1;
      line.running += 1;
      if (line.running === 1) this.#lines.set(caller, line);
      return undefined;
    }
    if (!this.#makeRoom(line)) throw this.#fail('queue full');
    this.#lines.set(caller, line);
    return this.#wait(line, context);
  }

  give(caller: string): void {
    const line = this.#lines.get(caller);
    if (line === undefined) return;
    line.running -= 1;
    this.#inFlight -= 1;
    this.#startNext();
    this.#forget(line);
  }

  #startNext(): void {
    for (const next of this.#turns) {
      if (next.running >= this.#runningMax) continue;
      const [waiter] = next.waiting;
      if (waiter === undefined) continue;
      // The slot is transferred directly, so that no later call can take it in between.
      next.running += 1;
      this.#inFlight += 1;
      this.#turns.delete(next);
      this.#leave(next, waiter);
      if (next.waiting.size > 0) this.#turns.add(next);
      waiter.go();
      return;
    }
  }

  async #wait(line: Line, { signal, deadlineMs }: Waiting): Promise<void> {
    const { now } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const quit = (why: UpstreamFailure): void => {
      // Not when the rejection is handled: a slot given to a caller that left would be lost.
      this.#leave(line, waiter);
      reject(why);
    };
    const waiter: Waiter = { go: resolve, quit };
    const onAbort = (): void => quit(this.#fail(now() >= deadlineMs ? 'timeout' : 'cancelled'));
    const leftMs = Math.min(deadlineMs - now(), timerMaxMs);
    const timer = setTimeout(() => quit(this.#fail('timeout')), leftMs);
    signal.addEventListener('abort', onAbort, { once: true });
    this.#queue(line, waiter);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  #queue(line: Line, waiter: Waiter): void {
    if (line.waiting === noWaiters) line.waiting = new Set();
    line.waiting.add(waiter);
    this.#waiting += 1;
    this.#turns.add(line);
  }

  #leave(line: Line, waiter: Waiter): void {
    if (!line.waiting.delete(waiter)) return;
    this.#waiting -= 1;
    if (line.waiting.size === 0) this.#turns.delete(line);
    this.#forget(line);
  }

  /** Makes room in the queue for a call of `line`, by evicting from the longest line. */
  #makeRoom(line: Line): boolean {
    if (this.#waiting < this.#options.queueMax) return true;
    let longest = line;
    for (const other of this.#turns) {
      if (other.waiting.size > longest.waiting.size) longest = other;
    }
    if (longest.waiting.size <= line.waiting.size + 1) return false;
    [...longest.waiting].at(-1)?.quit(this.#fail('queue full'));
    return true;
  }

  #forget(line: Line): void {
    if (line.running === 0 && line.waiting.size === 0) this.#lines.delete(line.caller);
  }

  #fail(kind: UpstreamFailureKind): UpstreamFailure {
    return new UpstreamFailure({ upstream: this.#options.upstream, kind });
  }
}
