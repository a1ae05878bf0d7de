/**
 * How many calls to one upstream run at once, and how many may wait for that, first come first
 * served. Who waits leaves the queue when its caller goes or its operation's time is up.
 */
import { UpstreamFailure, type UpstreamFailureCode } from '../errors.ts';
import type { DelegationContext } from './upstream.ts';

export interface SlotsOptions {
  readonly upstream: string;
  /** Calls that run at once. */
  readonly inFlightMax: number;
  /** Calls that may wait; 0: none. */
  readonly queueMax: number;
  /** Milliseconds since the epoch, as the context's deadline. */
  readonly now: () => number;
}

type Waiting = Pick<DelegationContext, 'signal' | 'deadlineMs'>;

export interface Slots {
  /** Undefined where a call may run now, else resolves when it may; throws UpstreamFailure. */
  take(context: Waiting): Promise<void> | undefined;
  /** Gives a slot back: once for each that was taken. */
  give(): void;
  sizes(): { readonly inFlight: number; readonly waiting: number };
}

const timerMaxMs = 2 ** 31 - 1;

export function createSlots({ upstream, inFlightMax, queueMax, now }: SlotsOptions): Slots {
  // A set keeps the order of arrival, and lets one leave from the middle.
  const queue = new Set<() => void>();
  let inFlight = 0;
  const fail = (why: string, code?: UpstreamFailureCode): UpstreamFailure =>
    new UpstreamFailure({ upstream, why, ...(code && { code }) });
  const late = (): UpstreamFailure => fail('timeout', 'UPSTREAM_TIMEOUT');

  const wait = async ({ signal, deadlineMs }: Waiting): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const quit = (why: UpstreamFailure): void => {
      // Here and not when the rejection is seen: a slot given to who has left would be lost.
      queue.delete(resolve);
      reject(why);
    };
    const onAbort = (): void => quit(now() >= deadlineMs ? late() : fail('cancelled'));
    const timer = setTimeout(() => quit(late()), Math.min(deadlineMs - now(), timerMaxMs));
    signal.addEventListener('abort', onAbort, { once: true });
    queue.add(resolve);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  };

  return {
    sizes: () => ({ inFlight, waiting: queue.size }),
    take(context) {
      if (now() >= context.deadlineMs) throw late();
      if (context.signal.aborted) throw fail('cancelled');
      if (inFlight >= inFlightMax) {
        if (queue.size >= queueMax) throw fail('queue full');
        return wait(context);
      }
      inFlight += 1;
      return undefined;
    },
    give() {
      const [next] = queue;
      if (next === undefined) {
        inFlight -= 1;
        return;
      }
      // The slot goes over as it is: nobody who comes later can take it in between.
      queue.delete(next);
      next();
    },
  };
}
