/**
 * Step `admit` with several workers: limits the concurrent requests of one caller over all workers.
 * Half of the limit is dealt out: each worker admits its share locally. The rest is a pool kept by
 * the owner, for callers whose connections reach the same worker. Shares and pool add up to at most
 * the limit.
 *
 * Fails closed: beyond its share a worker without an answer refuses.
 */
import {
  createInFlight,
  type InFlightOptions,
  type Permit,
  retryAfterMs,
  toPermit,
} from '../admit/in-flight.ts';
import { Refusal } from '../decision.ts';
import type { OwnerClient } from './owner-client.ts';

export interface SharedInFlight {
  enter(key: string): Permit | Refusal | Promise<Permit | Refusal>;
}

/** `slots`: most workers running at the same time. */
export function createSharedInFlight(
  { perCallerMax, keysMax }: InFlightOptions,
  { client, slots }: { client: OwnerClient; slots: number },
): SharedInFlight {
  const share = Math.floor(perCallerMax / (2 * slots));
  const most = perCallerMax - share * slots;
  const own = createInFlight({ perCallerMax: share, keysMax });
  const leave = (key: string) => () => client.tell({ op: 'leave', key });

  async function enterPool(key: string): Promise<Permit | Refusal> {
    const value = await client.ask({ op: 'enter', key, most }, (late) => {
      if (late === 'entered') leave(key)();
    });
    if (value === 'entered') return toPermit(leave(key));
    const isCaller = value === 'caller-full';
    return new Refusal(isCaller ? 'limits/too-many-in-flight' : 'admit/too-many-in-flight', {
      retryAfterMs,
    });
  }

  return {
    enter(key) {
      const permit = own.enter(key);
      return permit instanceof Refusal ? enterPool(key) : permit;
    },
  };
}
