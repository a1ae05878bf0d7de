/**
 * Three instances that go on charging one bucket while their Redis dies, hangs and returns, in real
 * time: Redis never grants more than N in any window of one of its lives, the instances alone never
 * more than their shares. The seed is printed with every failure.
 */
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedisStore, type RedisStore } from '../../gateway/rates/redis-store.ts';
import { type RedisServer, startRedis } from '../support/redis.ts';
import { of, secret } from './charges.ts';

const [limit, windowMs, instances] = [12, 600, 3];
const shares = instances * Math.floor(limit / instances);

/** When a grant was decided: somewhere between asking and answer. */
interface Timed {
  readonly startMs: number;
  readonly endMs: number;
}

const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let server: RedisServer;
/** What a Redis granted before it died is lost with it: each life is a store of its own. */
let lives = 0;
beforeAll(async () => {
  server = await startRedis({ own: true });
});
afterAll(async () => {
  await server?.stop();
});

const events = {
  kill: async () => {
    lives += 1;
    await server.kill();
  },
  restart: async () => {
    lives += 1;
    await server.restart();
  },
  pause: async () => {
    const admin = new Redis(server.url, { maxRetriesPerRequest: 0, retryStrategy: null });
    admin.on('error', () => undefined);
    await admin.call('CLIENT', 'PAUSE', '250', 'ALL').catch(() => undefined);
    admin.disconnect();
  },
  nothing: async () => undefined,
};

const open = (
  key: string,
): { store: RedisStore; charge: () => ReturnType<RedisStore['charge']> } => {
  const store = createRedisStore({
    urls: server.url,
    secret,
    onStoreDown: 'local',
    instances,
    clock: () => performance.now(),
    report: () => undefined,
  });
  return { store, charge: () => store.charge([of({ key, limit, windowMs })]) };
};

/** Charges until told to stop; grants by who decided them. */
async function callUntil(
  isOver: () => boolean,
  charge: () => ReturnType<RedisStore['charge']>,
  grants: Map<string, Timed[]>,
): Promise<void> {
  while (!isOver()) {
    const life = lives;
    const startMs = performance.now();
    const outcome = await charge();
    const endMs = performance.now();
    if (outcome.ok === true) {
      const by = outcome.local === true ? 'local' : `redis ${life} ${lives}`;
      grants.set(by, [...(grants.get(by) ?? []), { startMs, endMs }]);
    }
    await pass(3);
  }
}

/** The most that certainly fell into one window. */
function mostSurely(grants: readonly Timed[]): number {
  const inFrom = (fromMs: number) =>
    grants.filter(({ startMs, endMs }) => startMs >= fromMs && endMs <= fromMs + windowMs).length;
  return Math.max(0, ...grants.map(({ startMs }) => inFrom(startMs)));
}

describe('instances with a Redis that dies and returns', () => {
  const history = fc.array(fc.constantFrom('kill', 'restart', 'restart', 'pause', 'nothing'), {
    minLength: 7,
    maxLength: 7,
  });

  it('grant at most N by Redis, and at most their shares alone, in any window', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(history, fc.uuid(), async (given, key) => {
        const opened = Array.from({ length: instances }, () => open(key));
        const grants = new Map<string, Timed[]>();
        let isOver = false;
        const callers = opened.map(({ charge }) => callUntil(() => isOver, charge, grants));
        for (const event of given) {
          await events[event as keyof typeof events]();
          await pass(150);
        }
        isOver = true;
        await Promise.all(callers);
        await Promise.all(opened.map(({ store }) => store.close()));
        for (const [by, timed] of grants) {
          seen.add(by.slice(0, 5));
          expect(mostSurely(timed), by).toBeLessThanOrEqual(by === 'local' ? shares : limit);
        }
      }),
      { numRuns: 5, endOnFailure: true },
    );
    expect([...seen].sort()).toEqual(['local', 'redis']);
  });
});
