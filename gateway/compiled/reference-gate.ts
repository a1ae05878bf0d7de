/**
 * How many operations run on the reference engine at once: a caller can choose an operation that
 * only it can take, and it costs a multiple of the others. Some may wait for a while, as many as
 * may run; the rest is refused. Fails closed.
 */
import { Refusal } from '../decision.ts';
import type { StopSignal } from '../stop-signal.ts';

/** Counts operations, not requests: a list may hold several. */
export interface ReferenceGate {
  /** Undefined where the operation may run; `leave` must be called then, once. */
  enter(signal: StopSignal): Promise<Refusal | undefined>;
  leave(): void;
  sizes(): { readonly running: number; readonly waiting: number };
}

/** Longest time that an operation waits for its turn. */
const waitMs = 1_000;

/** @param runningMax operations at once; as many may wait */
export function createReferenceGate(runningMax: number): ReferenceGate {
  const waiting = new Set<() => void>();
  let running = 0;

  const wait = async (signal: StopSignal): Promise<Refusal | undefined> => {
    const { promise, resolve } = Promise.withResolvers<Refusal | undefined>();
    const go = (): void => resolve(undefined);
    const quit = (): void => {
      // Here and not when it is seen: a turn given to who has left would be lost.
      if (waiting.delete(go)) resolve(refused());
    };
    waiting.add(go);
    const timer = setTimeout(quit, waitMs);
    signal.addEventListener('abort', quit, { once: true });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', quit);
    }
  };

  return {
    sizes: () => ({ running, waiting: waiting.size }),
    async enter(signal) {
      if (running < runningMax) {
        running += 1;
        return undefined;
      }
      return waiting.size >= runningMax ? refused() : wait(signal);
    },
    leave() {
      const [next] = waiting;
      if (next === undefined) {
        running -= 1;
        return;
      }
      waiting.delete(next);
      next();
    },
  };
}

const refused = (): Refusal => new Refusal('limits/reference-busy', { retryAfterMs: waitMs });
