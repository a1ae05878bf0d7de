/**
 * How many calls to one upstream run at once, and how many may wait for that: callers in turn, and
 * each caller's calls in the order in which they came. Who waits leaves when its caller goes or its
 * operation's time is up.
 *
 * Whoever knows what an upstream is slow at could fill it and leave nothing to others. So one caller
 * never has all that run, and where no more may wait, a place is taken from who has most of them.
 */

import { PassingMap } from '../../caches/passing-map.ts';
import { UpstreamFailure, type UpstreamFailureKind } from '../../errors.ts';
import type { CallContext } from '../upstream.ts';

export interface SlotsOptions {
  readonly upstream: string;
  /** Calls that run at once. */
  readonly inFlightMax: number;
  /** Calls that may wait; 0: none. */
  readonly queueMax: number;
  /** Milliseconds of the clock of the context's deadline. */
  readonly now: () => number;
}

type Waiting = Pick<CallContext, 'signal' | 'deadlineMs'>;

export interface Slots {
  /** Undefined where a call may run now, else resolves when it may; throws UpstreamFailure. */
  take(context: Waiting, caller: string): Promise<void> | undefined;
  /** Gives a slot back: once for each that was taken. */
  give(caller: string): void;
  sizes(): { readonly inFlight: number; readonly waiting: number };
}

interface Waiter {
  readonly go: () => void;
  readonly quit: (why: UpstreamFailure) => void;
}

/** What one caller has; kept while there is anything. A set lets one leave from the middle. */
interface Line {
  readonly caller: string;
  running: number;
  /** Nearly always `nobody`. */
  waiting: Set<Waiter>;
}

/** Shared, and so never added to. */
const nobody: Set<Waiter> = new Set();

const timerMaxMs = 2 ** 31 - 1;

export function createSlots({ upstream, inFlightMax, queueMax, now }: SlotsOptions): Slots {
  const runningMax = Math.ceil((inFlightMax * 3) / 4);
  const lines = new PassingMap<string, Line>();
  /** Those in which somebody waits, whose turn it is first. */
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
      // Here and not when the rejection is seen: a slot given to who has left would be lost.
      leave(line, waiter);
      reject(why);
    };
    const waiter: Waiter = { go: resolve, quit };
    const onAbort = (): void => quit(now() >= deadlineMs ? late() : fail('cancelled'));
    const timer = setTimeout(() => quit(late()), Math.min(deadlineMs - now(), timerMaxMs));
    signal.addEventListener('abort', onAbort, { once: true });
    if (line.waiting === nobody) line.waiting = new Set();
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

  /** Room in the queue for one more of `line`, at the cost of who has most there. */
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
      const line = lines.get(caller) ?? { caller, running: 0, waiting: nobody };
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
        // The slot goes over as it is: nobody who comes later can take it in between.
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
