/**
 * A Redis that dies, refuses, fills up, hangs or forgets its scripts: every charge gets an answer,
 * none is granted by mistake, and the store is back as soon as Redis is.
 */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoreState } from '../../gateway/rates/redis-gate.ts';
import {
  createRedisStore,
  type RedisStore,
  type StoreDown,
} from '../../gateway/rates/redis-store.ts';
import type { Outcome } from '../../gateway/rates/store.ts';
import { type RedisServer, startRedis, startRedisCluster, until } from '../support/redis.ts';
import { standStill } from '../support/stand-still.ts';
import { createHandClock, granted, isGranted, of, refused, secret } from './charges.ts';

const password = 'hunter2hunter2';
const refuse: StoreDown = { onStoreDown: 'refuse' };
const closing: (() => Promise<void>)[] = [];

let round = 0;
const fresh = (changes = {}) => {
  round += 1;
  return of({ key: `email:${round}@example.com`, ...changes });
};

function open(
  urls: string | readonly string[],
  down: StoreDown = refuse,
): RedisStore & { states: StoreState[] } {
  const states: StoreState[] = [];
  const report = (state: StoreState) => states.push(state);
  const store = createRedisStore({ urls, secret, report, ...down });
  closing.push(() => store.close());
  return { ...store, states };
}

const isUnavailable = ({ ok }: Outcome): boolean => ok === 'unavailable';
const isBack = (store: RedisStore) =>
  until('the store', async () => (await once(store)).ok === true);
/** Whatever a busy machine made of the first connection is not what is looked at. */
const isOpen = async (store: RedisStore & { states: StoreState[] }): Promise<void> => {
  await isToldBack(store);
  store.states.length = 0;
};
const isToldBack = (store: RedisStore & { states: StoreState[] }) =>
  until('the store, and word of it', async () => {
    const isUp = (await once(store)).ok === true;
    return isUp && store.states.at(-1)?.up !== false;
  });
const once = (store: RedisStore, changes = {}) => store.charge([fresh(changes)]);

async function startOwn(
  ...args: string[]
): Promise<{ server: RedisServer; admin: Redis; url: string }> {
  const server = await startRedis({ own: true, args: ['--requirepass', password, ...args] });
  const url = server.url.replace('redis://', `redis://:${password}@`);
  const admin = new Redis(url);
  admin.on('error', () => undefined);
  closing.push(async () => {
    admin.disconnect();
    await server.stop();
  });
  return { server, admin, url };
}

afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

describe('a Redis that dies under load', () => {
  it('answers every charge, comes back by itself, and reports without the password', async () => {
    const { server, url } = await startOwn();
    const store = open(url);
    await isOpen(store);
    const outcomes: Outcome[] = [];
    let isLoaded = true;
    const callers = Array.from({ length: 20 }, async () => {
      while (isLoaded) {
        outcomes.push(await once(store));
        // A refusal may come without waiting for anything: others want their turn too.
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    await until('grants', () => outcomes.filter(isGranted).length > 50);
    await server.kill();
    await until('refusals', () => outcomes.filter(isUnavailable).length > 50);
    isLoaded = false;
    await Promise.all(callers);
    expect(outcomes.filter(({ ok }) => ok === false)).toEqual([]);
    await server.restart();
    await isToldBack(store);
    expect([store.states.at(0)?.up, store.states.at(-1)?.up]).toEqual([false, true]);
    expect(JSON.stringify(store.states)).not.toContain(password);
  });

  it('gives nothing back while it is away, and does not fail', async () => {
    const { server, url } = await startOwn();
    const store = open(url);
    await isOpen(store);
    const { receipt } = granted(await store.charge([fresh({ amount: 3 })]));
    await server.kill();
    await store.giveBack(receipt, [3]);
    expect(isUnavailable(await once(store))).toBe(true);
  });

  it('is unavailable where nothing ever listened, and closes', async () => {
    const { server, url } = await startOwn();
    await server.kill();
    const store = open(url);
    expect(isUnavailable(await once(store))).toBe(true);
    await store.close();
    expect(isUnavailable(await once(store))).toBe(true);
  });

  it('is unavailable with a wrong password, and says that it is this', async () => {
    const { url } = await startOwn();
    const store = open(url.replace(password, 'wrong'));
    await until('its reason', async () => {
      expect(isUnavailable(await once(store))).toBe(true);
      const state = store.states.at(-1);
      return state?.up === false && state.why === 'WRONGPASS';
    });
  });
});

describe('a Redis that is up but does not do it', () => {
  const cases = [
    {
      name: 'a replica',
      args: ['--replicaof', '127.0.0.1 1'],
      why: 'READONLY',
      heal: (admin: Redis) => admin.call('REPLICAOF', 'NO', 'ONE'),
    },
    {
      name: 'out of memory',
      args: ['--maxmemory', '1kb', '--maxmemory-policy', 'noeviction'],
      why: 'OOM',
      heal: (admin: Redis) => admin.call('CONFIG', 'SET', 'maxmemory', '0'),
    },
    {
      name: 'too few replicas to write',
      args: ['--min-replicas-to-write', '1'],
      why: 'NOREPLICAS',
      heal: (admin: Redis) => admin.call('CONFIG', 'SET', 'min-replicas-to-write', '0'),
    },
  ];
  it.each(cases)('$name: unavailable until it is healed', async ({ args, why, heal }) => {
    const { admin, url } = await startOwn(...args);
    const store = open(url);
    // Looking writes nothing, so it works everywhere: the store is connected from here on.
    await until('a look', async () => (await once(store, { amount: 0 })).ok === true);
    for (let at = 0; at < 3; at += 1) expect(isUnavailable(await once(store))).toBe(true);
    expect(store.states.at(-1)).toEqual({ up: false, why });
    await heal(admin);
    await isBack(store);
  });

  it('a replica that can still say no, where a bucket is full: told once', async () => {
    const { admin, url } = await startOwn();
    const store = open(url);
    await isOpen(store);
    const full = fresh({ limit: 1, windowMs: 3_600_000 });
    granted(await store.charge([full]));
    await admin.call('REPLICAOF', '127.0.0.1', '1');
    let refusals = 0;
    await until('refusals', async () => {
      for (let at = 0; at < 3; at += 1) expect(isUnavailable(await once(store))).toBe(true);
      if ((await store.charge([full])).ok === false) refusals += 1;
      return refusals === 5;
    });
    expect(store.states.filter(({ up }) => up)).toEqual([]);
    await admin.call('REPLICAOF', 'NO', 'ONE');
    await isToldBack(store);
    expect(store.states.filter(({ up }) => up)).toHaveLength(1);
  });

  it('paused: unavailable, and back when it is over', async () => {
    const { admin, url } = await startOwn();
    const store = open(url);
    await isOpen(store);
    await admin.call('CLIENT', 'PAUSE', '1000', 'ALL');
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => once(store)));
    expect(outcomes.every(isUnavailable)).toBe(true);
    await isBack(store);
  });

  it('answering while this process stands still: heard, however late that is', async () => {
    const { admin, url } = await startOwn();
    const store = open(url);
    await isOpen(store);
    await admin.call('CLIENT', 'PAUSE', '50', 'ALL');
    const asked = once(store);
    // Sent at the end of this turn.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    standStill(600);
    granted(await asked);
  });

  it('without its scripts: asked again with the text', async () => {
    const { admin, url } = await startOwn();
    const store = open(url);
    await isOpen(store);
    const { receipt } = granted(await once(store, { amount: 3 }));
    await admin.call('SCRIPT', 'FLUSH');
    granted(await once(store));
    await admin.call('SCRIPT', 'FLUSH');
    await store.giveBack(receipt, [1]);
    expect(store.states).toEqual([]);
  });

  it('with something else under the name of a bucket: unavailable, never granted', async () => {
    const { admin, url } = await startOwn();
    const store = open(url);
    await isOpen(store);
    const charge = fresh();
    granted(await store.charge([charge]));
    for (const name of await admin.keys('*')) await admin.set(name, 'no list');
    expect(isUnavailable(await store.charge([charge]))).toBe(true);
  });
});

describe('`onStoreDown: local`', () => {
  let store: RedisStore;
  let server: RedisServer;
  const clock = createHandClock();
  beforeAll(async () => {
    const own = await startOwn();
    server = own.server;
    store = open(own.url, { onStoreDown: 'local', instances: 2, clock });
    await until('Redis', async () => granted(await once(store)).local !== true);
    await server.kill();
  });

  it('enforces the share of this instance, rounded down, and says so', async () => {
    const charge = fresh();
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => store.charge([charge])));
    expect(outcomes.filter(isGranted)).toHaveLength(2);
    expect(outcomes.every((outcome) => outcome.ok !== 'unavailable' && outcome.local)).toBe(true);
    clock.nowMs += 60_001;
    granted(await store.charge([charge]));
  });

  it('refuses by a share of nothing', async () => {
    expect(refused(await once(store, { limit: 1 })).local).toBe(true);
  });

  it('takes back what was granted locally', async () => {
    const charge = fresh({ amount: 2 });
    const { receipt } = granted(await store.charge([charge]));
    await store.giveBack(receipt, [2]);
    granted(await store.charge([charge]));
  });

  it('asks Redis again once it is back', async () => {
    await server.restart();
    await until('Redis', async () => granted(await once(store)).local !== true);
  });

  const misuse = [0, -1, 1.5, Number.NaN];
  it.each(misuse)('throws for %s instances', (instances) => {
    expect(() => open('redis://127.0.0.1:1', { onStoreDown: 'local', instances, clock })).toThrow(
      TypeError,
    );
  });
});

describe('a cluster that loses a node', () => {
  it('answers every charge, and comes back by itself', async () => {
    const cluster = await startRedisCluster();
    closing.push(() => cluster.stop());
    const store = open(cluster.urls);
    // Names are random: of so many, some lie on every node.
    const many = () => Promise.all(Array.from({ length: 120 }, () => once(store)));
    await until('all slots', async () => (await many()).every(isGranted));
    await cluster.nodes[0]?.kill();
    expect((await many()).some(isUnavailable)).toBe(true);
    // What is in shadow mode refuses nothing, wherever its bucket lies.
    const shadowed = Array.from({ length: 120 }, () =>
      store.charge([{ ...of({ key: crypto.randomUUID() }), inShadow: true }]),
    );
    expect((await Promise.all(shadowed)).every(isGranted)).toBe(true);
    await cluster.nodes[0]?.restart();
    await until('all slots', async () => (await many()).every(isGranted));
  });
});
