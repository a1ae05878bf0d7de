/**
 * Step `admit`: limits the concurrent requests of one caller, so that no caller can occupy the
 * capacity of all. Keys stand for identified callers, or for the networks of anonymous ones.
 *
 * Fails closed: with as many callers in flight as there is room to count, another one is refused.
 */

import { PassingMap } from '../caches/passing-map.ts';
import { Refusal } from '../decision.ts';

/** Capacity held by a request until released; releasing twice counts once. */
export interface Permit {
  release(): void;
}

export interface InFlightOptions {
  /** Concurrent requests of one caller. */
  readonly perCallerMax: number;
  /** Callers with requests in flight. */
  readonly keysMax: number;
}

export interface InFlight {
  enter(key: string): Permit | Refusal;
  /** Callers with requests in flight. */
  keys(): number;
}

/** When capacity will be free is unknown; one second is a reasonable estimate. */
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

/** Runs `leave` once only: a permit released twice would free capacity for two. */
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
