/**
 * Limits the concurrent and waiting calls of one upstream: callers take turns, and each caller's
 * calls keep their order. A waiting call leaves when its client disconnects or its operation's time
 * is up.
 *
 * A caller who knows slow requests could fill all slots. So no caller can hold all of them, and if
 * the queue is full, a call is evicted from the caller with most waiting.
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

export function createSlots({ upstream, inFlightMax, queueMax, now }: SlotsOptions): Slots {
  const runningMax = Math.ceil((inFlightMax * 3) / 4);
  const lines = new PassingMap<string, Line>();
  /** Lines with waiting calls, next turn first. */
  const turns = new Set<Line>();
  let inFlight = 0;
  let waiting = 0;
  const fail = (kind: UpstreamFailureKind): UpstreamFailure =>
    new UpstreamFailure({ upstream, kind });
  const late = (): UpstreamFailure => fail('timeout');

  const forget = (line: Line): void => {
    if (line.running === 0 && line.waiting.size === 0) lines.delete(line.caller);
  };
  const leave = (line: Line, waiter: Waiter): void => {
    if (!line.waiting.delete(waiter)) return;
    waiting -= 1;
    if (line.waiting.size === 0) turns.delete(line);
    forget(line);
  };

  const wait = async (line: Line, { signal, deadlineMs }: Waiting): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const quit = (why: UpstreamFailure): void => {
      // Not when the rejection is handled: a slot given to a caller that left would be lost.
      leave(line, waiter);
      reject(why);
    };
    const waiter: Waiter = { go: resolve, quit };
    const onAbort = (): void => quit(now() >= deadlineMs ? late() : fail('cancelled'));
    const timer = setTimeout(() => quit(late()), Math.min(deadlineMs - now(), timerMaxMs));
    signal.addEventListener('abort', onAbort, { once: true });
    if (line.waiting === noWaiters) line.waiting = new Set();
    line.waiting.add(waiter);
    waiting += 1;
    turns.add(line);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  };

  /** Makes room in the queue for a call of `line`, by evicting from the longest line. */
  const makeRoom = (line: Line): boolean => {
    if (waiting < queueMax) return true;
    let longest = line;
    for (const other of turns) if (other.waiting.size > longest.waiting.size) longest = other;
    if (longest.waiting.size <= line.waiting.size + 1) return false;
    [...longest.waiting].at(-1)?.quit(fail('queue full'));
    return true;
  };

  return {
    sizes: () => ({ inFlight, waiting }),
    take(context, caller) {
      if (now() >= context.deadlineMs) throw late();
      if (context.signal.aborted) throw fail('cancelled');
      const line = lines.get(caller) ?? { caller, running: 0, waiting: noWaiters };
      if (inFlight < inFlightMax && line.running < runningMax) {
        inFlight += 1;
        line.running += 1;
        if (line.running === 1) lines.set(caller, line);
        return undefined;
      }
      if (!makeRoom(line)) throw fail('queue full');
      lines.set(caller, line);
      return wait(line, context);
    },
    give(caller) {
      const line = lines.get(caller);
      if (line === undefined) return;
      line.running -= 1;
      inFlight -= 1;
      for (const next of turns) {
        if (next.running >= runningMax) continue;
        const [waiter] = next.waiting;
        if (waiter === undefined) continue;
        // The slot is transferred directly, so that no later call can take it in between.
        next.running += 1;
        inFlight += 1;
        turns.delete(next);
        leave(next, waiter);
        if (next.waiting.size > 0) turns.add(next);
        waiter.go();
        break;
      }
      forget(line);
    },
  };
}
