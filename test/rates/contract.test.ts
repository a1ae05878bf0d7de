/** What every store promises, asked of memory, one Redis and a Redis Cluster of three nodes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Charge, Outcome, RateStore } from '../../gateway/rates/store.ts';
import { stampOf } from '../../gateway/rates/window.ts';
import { startRedis, startRedisCluster, until } from '../support/redis.ts';
import { granted, isGranted, memoryStore, of, redisStore, refused } from './charges.ts';

interface Rig {
  readonly store: RateStore;
  stop(): Promise<void>;
}

const look = (charge: Charge): Charge => ({ ...charge, amount: 0 });

async function shared(urls: string | readonly string[], stop: () => Promise<void>): Promise<Rig> {
  const store = redisStore(urls, { prefix: `test:${crypto.randomUUID()}:` });
  await until('the store', async () => (await store.charge([look(of())])).ok === true);
  const stopBoth = async () => {
    await store.close();
    await stop();
  };
  return { store, stop: stopBoth };
}

const rigs: { name: string; start: () => Promise<Rig> }[] = [
  {
    name: 'memory',
    start: async () => ({ store: memoryStore(), stop: async () => undefined }),
  },
  {
    name: 'redis',
    start: async () => {
      const server = await startRedis();
      return shared(server.url, () => server.stop());
    },
  },
  {
    name: 'redis cluster',
    start: async () => {
      const cluster = await startRedisCluster();
      return shared(cluster.urls, () => cluster.stop());
    },
  },
];

describe.each(rigs)('the store on $name', ({ start }) => {
  let rig: Rig;
  let round = 0;
  beforeAll(async () => {
    rig = await start();
  });
  afterAll(async () => {
    await rig?.stop();
  });

  /** A bucket that no other test has used. */
  const fresh = (changes: Partial<Charge> = {}): Charge => {
    round += 1;
    return of({ key: `email:${round}@example.com`, ...changes });
  };
  const charge = async (...charges: Charge[]): Promise<Outcome> => rig.store.charge(charges);
  const left = async (one: Charge) => granted(await charge(look(one))).remaining[0];

  const limits = [
    { name: 'a small limit', given: 5 },
    { name: 'a limit counted by fiftieths', given: 120 },
  ];
  it.each(limits)('grants exactly $given of 200 at once: $name', async ({ given }) => {
    const one = fresh({ limit: given });
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => charge(one)));
    expect(outcomes.filter(isGranted)).toHaveLength(given);
    expect(outcomes.filter(({ ok }) => ok === false)).toHaveLength(200 - given);
  });

  it('grants exactly 5 of 200 that charge other buckets along', async () => {
    const [one, other, third] = [fresh(), fresh({ limit: 600 }), fresh({ limit: 600 })];
    const calls = Array.from({ length: 200 }, () => charge(other, one, third));
    expect((await Promise.all(calls)).filter(isGranted)).toHaveLength(5);
  });

  it('forgets nothing of the last minute when limit and window are changed', async () => {
    // Above 51 units stamps lie ahead, here by more than the window that comes into force.
    const nowMs = Date.now();
    const days = Array.from({ length: 50 }, (_, at) => 86_400_000 + at * 60_000);
    const windowMs = days.find((day) => stampOf(nowMs, 60, day) > nowMs + 300_000) ?? 0;
    const one = fresh({ limit: 51, windowMs, amount: 51 });
    granted(await charge(one));
    granted(await charge({ ...one, limit: 60, amount: 9 }));
    refused(await charge({ ...one, limit: 60, windowMs: 60_000, amount: 1 }));
  });

  it('refuses 100 of one call, and leaves nothing charged', async () => {
    const [one, wide] = [fresh(), fresh({ limit: 600 })];
    const outcome = refused(await charge(wide, { ...one, amount: 100 }));
    expect(outcome.refused).toBe(1);
    expect(outcome.retryAfterMs).toBe(60_000);
    expect(outcome.remaining).toEqual([600, 5]);
    // On a cluster what the other slot granted is on its way back.
    await until('what was granted to come back', async () => (await left(wide)) === 600);
    expect(await left(one)).toBe(5);
  });

  it('counts one bucket that comes twice in a call twice', async () => {
    const one = fresh({ amount: 3 });
    expect(refused(await charge(one, one)).refused).toBe(1);
    expect(await left(one)).toBe(5);
    expect(granted(await charge(one, { ...one, amount: 2 })).remaining[1]).toBe(0);
  });

  it.each([
    { name: 'first', long: 0 },
    { name: 'last', long: 1 },
  ])('names the refusal that lasts longest: $name', async ({ long }) => {
    const both = [fresh({ limit: 1 }), fresh({ limit: 1 })].map((one, at) =>
      at === long ? { ...one, windowMs: 3_600_000 } : one,
    );
    granted(await charge(...both));
    const outcome = refused(await charge(...both));
    expect(outcome.refused).toBe(long);
    expect(outcome.retryAfterMs).toBeGreaterThan(60_000);
    expect(outcome.retryAfterMs).toBeLessThanOrEqual(3_600_001);
  });

  it('keeps rates apart whose names go on as the keys of others do', async () => {
    const one = fresh();
    const other = { ...one, rate: `${one.rate}${one.key.slice(0, 1)}`, key: one.key.slice(1) };
    granted(await charge({ ...one, amount: 5 }));
    expect(await left(other)).toBe(5);
  });

  it('finds a bucket with what it made of its key, and without', async () => {
    const one = fresh();
    const memo = {};
    const kept = { ...one, memo };
    granted(await charge(kept));
    granted(await charge(one, { ...kept, amount: 2 }));
    expect(await left(one)).toBe(1);
    expect(await left(kept)).toBe(1);
    // What another store made of it names another bucket there.
    const other = memoryStore();
    for (const wanted of [5, 5]) other.charge([{ ...kept, amount: wanted }]);
    expect(await left(kept)).toBe(1);
    expect(granted(other.charge([look(one)])).remaining).toEqual([0]);
  });

  it('reserves what is left, at least one', async () => {
    const one = fresh({ limit: 200, amount: 150, partial: true });
    expect(granted(await charge(one)).granted).toEqual([150]);
    expect(granted(await charge(one)).granted).toEqual([50]);
    expect(refused(await charge(one)).remaining).toEqual([0]);
  });

  it('looks without charging, also where nothing is left', async () => {
    const one = fresh({ limit: 1 });
    expect(await left(one)).toBe(1);
    granted(await charge(one));
    expect(await left(one)).toBe(0);
  });

  it('takes back what was not used, once, and never more than was granted', async () => {
    const one = fresh({ limit: 200, amount: 150 });
    const { receipt } = granted(await charge(one));
    await rig.store.giveBack(receipt, [100]);
    expect(await left(one)).toBe(150);
    await rig.store.giveBack(receipt, [1_000]);
    expect(await left(one)).toBe(200);
    await rig.store.giveBack(receipt, [1_000]);
    expect(await left(one)).toBe(200);
  });

  const nothing = [-5, Number.NaN, 0, 0.5];
  it.each(nothing)('gives nothing back for %s', async (amount) => {
    const one = fresh({ amount: 3 });
    const { receipt } = granted(await charge(one));
    await rig.store.giveBack(receipt, [amount]);
    expect(await left(one)).toBe(2);
  });

  const reloads = [
    { name: 'raised', given: [5, 8], expect: 3 },
    { name: 'lowered', given: [5, 3], expect: 0 },
    { name: 'raised past exact counting', given: [5, 600], expect: 595 },
    { name: 'lowered to exact counting', given: [600, 7], expect: 2 },
  ] as const;
  it.each(reloads)('a limit $name refills nothing', async ({ given: [old, now], expect: rest }) => {
    const one = fresh({ limit: old, amount: 5 });
    granted(await charge(one));
    const again = { ...one, limit: now, amount: 1 };
    expect(await left(again)).toBe(rest);
    const outcomes = [];
    for (let at = 0; at < rest + 2; at += 1) outcomes.push(await charge(again));
    expect(outcomes.filter(isGranted)).toHaveLength(rest);
  });

  it('keeps rates apart, and identities', async () => {
    const one = fresh({ limit: 1 });
    const others = [one, { ...one, rate: 'login-address' }, fresh({ limit: 1 })];
    for (const other of others) expect((await charge(other)).ok).toBe(true);
    for (const other of others) expect((await charge(other)).ok).toBe(false);
  });

  it('refuses a limit of nothing', async () => {
    const one = fresh({ limit: 0 });
    expect(refused(await charge(one)).retryAfterMs).toBe(one.windowMs);
    expect(refused(await charge({ ...one, partial: true })).refused).toBe(0);
  });

  const misuse: { name: string; given: Partial<Charge> }[] = [
    { name: 'a negative amount', given: { amount: -1 } },
    { name: 'an amount that is no number', given: { amount: Number.NaN } },
    { name: 'a limit that is no number', given: { limit: Number.NaN } },
    { name: 'an endless limit', given: { limit: Number.POSITIVE_INFINITY } },
    { name: 'no window', given: { windowMs: 0 } },
  ];
  it.each(misuse)('throws for $name', async ({ given }) => {
    await expect(charge(fresh(given))).rejects.toThrow(TypeError);
  });

  it('grants a call without charges', async () => {
    expect(granted(await charge()).granted).toEqual([]);
  });
});
