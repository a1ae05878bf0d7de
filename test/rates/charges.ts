/** Charges and stores as the tests of rates make them. */
import { createMemoryStore, type MemoryStore } from '../../gateway/rates/memory-store.ts';
import { createRedisStore, type RedisStore } from '../../gateway/rates/redis-store.ts';
import type { Charge, Granted, Outcome, Refused } from '../../gateway/rates/store.ts';

export const secret = 'a secret of the tests only';

const login: Charge = {
  rate: 'login-email',
  key: 'argument15:ada@example.com',
  limit: 5,
  windowMs: 60_000,
  amount: 1,
};

export const of = (changes: Partial<Charge> = {}): Charge => ({ ...login, ...changes });

export interface HandClock {
  (): number;
  nowMs: number;
}

/** A clock that stands until it is moved. */
export function createHandClock(): HandClock {
  const clock: HandClock = Object.assign((): number => clock.nowMs, { nowMs: 1_000_000 });
  return clock;
}

export const memoryStore = (
  clock: () => number = createHandClock(),
  keysMax = 1_000,
): MemoryStore => createMemoryStore({ clock, keysMax, seed: [1, 2] });

export function redisStore(
  urls: string | readonly string[],
  changes: { prefix?: string; timeoutMs?: number } = {},
): RedisStore {
  // Decisions are what is tested, not how busy the machine is.
  const timeoutMs = 5_000;
  return createRedisStore({
    urls,
    secret,
    onStoreDown: 'refuse',
    report: () => undefined,
    timeoutMs,
    ...changes,
  });
}

export function granted(outcome: Outcome): Granted {
  if (outcome.ok !== true) throw new Error(`expected a grant, got ${JSON.stringify(outcome)}`);
  return outcome;
}

export function refused(outcome: Outcome): Refused {
  if (outcome.ok !== false) throw new Error(`expected a refusal, got ${JSON.stringify(outcome)}`);
  return outcome;
}

export const isGranted = (outcome: Outcome): boolean => outcome.ok === true;
