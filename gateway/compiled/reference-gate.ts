/**
 * Limits how many operations run on the reference engine at once: a caller can choose operations
 * that only it can take, and they cost a multiple of the others. As many may wait as may run, at
 * most half of them of one caller; the rest are refused. The next turn goes to the caller with the
 * fewest running, so that one caller's queue cannot starve others. Fails closed.
 */
import { Refusal } from '../decision.ts';
import type { StopSignal } from '../time/stop-signal.ts';

/**
 * Counts operations, not requests: a batch holds several. `caller` is a name, see caller-name.ts.
 */
export interface ReferenceGate {
  /** Undefined if the operation may run; the caller must then call `leave` once. */
  enter(signal: StopSignal, caller: string): Promise<Refusal | undefined>;
  leave(caller: string): void;
  sizes(): { readonly running: number; readonly waiting: number };
}

interface Waiting {
  readonly caller: string;
  readonly go: () => void;
}

/** Longest time that an operation waits for its turn. */
const waitMs = 1_000;

/** @param runningMax operations at once; as many may wait */
export function createReferenceGate(runningMax: number): ReferenceGate {
  const waiting = new Set<Waiting>();
  /** Operations running, by caller; callers without any are absent. */
  const running = new Map<string, number>();
  let runningAll = 0;

  const begin = (caller: string): void => {
    runningAll += 1;
    running.set(caller, (running.get(caller) ?? 0) + 1);
  };
  const end = (caller: string): void => {
    runningAll -= 1;
    const left = (running.get(caller) ?? 1) - 1;
    if (left === 0) running.delete(caller);
    else running.set(caller, left);
  };

  const mayWait = (caller: string): boolean => {
    if (waiting.size >= runningMax) return false;
    const ofCaller = [...waiting].filter((entry) => entry.caller === caller).length;
    return ofCaller < Math.ceil(runningMax / 2);
  };

  const wait = async (signal: StopSignal, caller: string): Promise<Refusal | undefined> => {
    const { promise, resolve } = Promise.withResolvers<Refusal | undefined>();
    const entry: Waiting = { caller, go: () => resolve(undefined) };
    const quit = (): void => {
      // Removed here, at the abort: a turn given to a caller that has left would be lost.
      if (waiting.delete(entry)) resolve(refused());
    };
    waiting.add(entry);
    const timer = setTimeout(quit, waitMs);
    signal.addEventListener('abort', quit, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', quit);
    }
  };

  /** The caller with the fewest running; among equals, the one that has waited longest. */
  const nextTurn = (): Waiting | undefined => {
    let next: Waiting | undefined;
    const runningOf = ({ caller }: Waiting): number => running.get(caller) ?? 0;
    for (const entry of waiting)
      if (next === undefined || runningOf(entry) < runningOf(next)) next = entry;
    return next;
  };

  return {
    sizes: () => ({ running: runningAll, waiting: waiting.size }),
    async enter(signal, caller) {
      if (runningAll < runningMax) {
        begin(caller);
        return undefined;
      }
      return mayWait(caller) ? wait(signal, caller) : refused();
    },
    leave(caller) {
      end(caller);
      const next = nextTurn();
      if (next === undefined) return;
      waiting.delete(next);
      begin(next.caller);
      next.go();
    },
  };
}

const refused = (): Refusal => new Refusal('limits/reference-busy', { retryAfterMs: waitMs });
