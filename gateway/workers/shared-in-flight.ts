/**
 * Step `admit` with several workers: how much one caller may have running at once over all of them.
 * Half of the limit is dealt out: each worker lets in its share without asking anybody. The rest is
 * a pool that the owner keeps, for whoever's connections happen to meet at one worker. Shares and
 * pool add up to the limit and never to more.
 *
 * Fails closed: beyond its share a worker that gets no answer refuses.
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

/** `slots`: workers that may run at the same time. */
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
      const place = own.enter(key);
      return place instanceof Refusal ? enterPool(key) : place;
    },
  };
}
