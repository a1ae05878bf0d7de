/**
 * How many operations run on the reference engine at once: a caller can choose an operation that
 * only it can take, and it costs a multiple of the others. Some may wait for a while, as many as
 * may run, of one caller half as many; the rest is refused. A turn goes to the caller who has the
 * fewest running, so that nobody waits behind all that somebody else has sent. Fails closed.
 */
import { Refusal } from '../decision.ts';
import type { StopSignal } from '../time/stop-signal.ts';

/** Counts operations, not requests: a list may hold several. `caller` is a name, see caller-name.ts. */
export interface ReferenceGate {
  /** Undefined where the operation may run; `leave` must be called then, once. */
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
  /** By caller; those who have none are not in it. */
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
    const its = [...waiting].filter((one) => one.caller === caller).length;
    return its < Math.ceil(runningMax / 2);
  };

  const wait = async (signal: StopSignal, caller: string): Promise<Refusal | undefined> => {
    const { promise, resolve } = Promise.withResolvers<Refusal | undefined>();
    const one: Waiting = { caller, go: () => resolve(undefined) };
    const quit = (): void => {
      // Here and not when it is seen: a turn given to who has left would be lost.
      if (waiting.delete(one)) resolve(refused());
    };
    waiting.add(one);
    const timer = setTimeout(quit, waitMs);
    signal.addEventListener('abort', quit, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', quit);
    }
  };

  /** Of the caller with the fewest running; of those alike, who has waited longest. */
  const nextTurn = (): Waiting | undefined => {
    let next: Waiting | undefined;
    const has = ({ caller }: Waiting): number => running.get(caller) ?? 0;
    for (const one of waiting) if (next === undefined || has(one) < has(next)) next = one;
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
