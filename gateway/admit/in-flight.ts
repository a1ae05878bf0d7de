/**
 * Step `admit`: how much one caller may have running at once, so that one of them cannot hold the
 * room of all. Keys are of callers that are known, or of the networks of those that are not.
 *
 * Fails closed: with as many callers inside as there is room to count, another one is refused.
 */

import { PassingMap } from '../caches/passing-map.ts';
import { Refusal } from '../decision.ts';

/** Room that a request holds until it leaves; leaving twice counts once. */
export interface Permit {
  release(): void;
}

export interface InFlightOptions {
  /** Requests of one caller. */
  readonly perCallerMax: number;
  /** Callers with anything running. */
  readonly keysMax: number;
}

export interface InFlight {
  enter(key: string): Permit | Refusal;
  /** Callers with anything running. */
  keys(): number;
}

/** When a place may be free again is not known; a moment is a fair guess. */
export const retryAfterMs = 1_000;

export function createInFlight({ perCallerMax, keysMax }: InFlightOptions): InFlight {
  const running = new PassingMap<string, number>();

  const leave = (key: string): void => {
    const count = running.get(key) ?? 0;
    if (count > 1) running.set(key, count - 1);
    else running.delete(key);
  };

  return {
    keys: () => running.size,
    enter(key) {
      const count = running.get(key) ?? 0;
      if (count >= perCallerMax) return new Refusal('limits/too-many-in-flight', { retryAfterMs });
      if (count === 0 && running.size >= keysMax) {
        return new Refusal('admit/too-many-in-flight', { retryAfterMs });
      }
      running.set(key, count + 1);
      return toPermit(() => leave(key));
    },
  };
}

/** Runs `leave` the first time alone: a place given back twice would make room for two. */
export function toPermit(leave: () => void): Permit {
  let isLeft = false;
  return {
    release() {
      if (isLeft) return;
      isLeft = true;
      leave();
    },
  };
}
