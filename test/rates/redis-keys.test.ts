/** What lies in Redis: no identity, no name of a rate, nothing without an end, nothing large. */
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNames } from '../../gateway/rates/redis-name.ts';
import { slotOfName } from '../../gateway/rates/redis-slot.ts';
import type { RedisStore } from '../../gateway/rates/redis-store.ts';
import { type RedisServer, startRedis, until } from '../support/redis.ts';
import { granted, of, redisStore, secret } from './charges.ts';

const prefix = `test:${crypto.randomUUID()}:`;
let server: RedisServer;
let store: RedisStore;
let client: Redis;

beforeAll(async () => {
  server = await startRedis();
  client = new Redis(server.url);
  store = redisStore(server.url, { prefix });
  await until('the store', async () => (await store.charge([of({ amount: 0 })])).ok === true);
});
afterAll(async () => {
  await store?.close();
  client?.disconnect();
  await server?.stop();
});

async function scan(): Promise<string[]> {
  const found: string[] = [];
  let cursor = '0';
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', `${prefix}*`, 'COUNT', 1_000);
    found.push(...keys);
    cursor = next;
  } while (cursor !== '0');
  return [...new Set(found)];
}

describe('the buckets in Redis', () => {
  // None of these words comes about by chance, in a name or in the prefix.
  const local = 'somebody-at-work';
  const identities = [`${local}@example.com`, '192.0.2.17', 'https://idp.example.com', 'salary'];

  it('are named without identities, end on their own, and hold numbers only', async () => {
    for (const [at, identity] of identities.entries()) {
      const windowMs = 1_000 * 10 ** at;
      granted(await store.charge([of({ rate: 'government-id-egress', key: identity, windowMs })]));
    }
    const names = await scan();
    expect(names).toHaveLength(identities.length);
    for (const name of names) {
      expect(name.slice(prefix.length)).toMatch(/^[\w-]{8}:[\w-]{22}$/);
      const value = String(await client.getBuffer(name));
      const text = `${name} ${value} ${Buffer.from(name.slice(prefix.length), 'base64url')}`;
      for (const word of [...identities, local, 'egress']) expect(text).not.toContain(word);
    }
  });

  const windows = [
    { name: 'exact', given: { limit: 5, windowMs: 60_000 }, upToMs: 61_001 },
    { name: 'by fiftieths', given: { limit: 600, windowMs: 60_000 }, upToMs: 62_201 },
  ];
  it.each(windows)('live a bit longer than the window: $name', async ({ name, given, upToMs }) => {
    const key = `ttl ${name}`;
    const { receipt } = granted(await store.charge([of({ key, amount: 2, ...given })]));
    const bucket = createNames(secret, prefix)({ rate: of().rate, key });
    const ttl = await client.pttl(bucket);
    expect(ttl).toBeGreaterThan(given.windowMs - 5_000);
    expect(ttl).toBeLessThanOrEqual(upToMs);
    await store.giveBack(receipt, [1]);
    expect(await client.pttl(bucket)).toBeGreaterThan(given.windowMs - 10_000);
    await store.giveBack(receipt, [1]);
    expect(await client.pttl(bucket)).toBeGreaterThan(given.windowMs - 10_000);
  });

  it('stay small: the fullest there can be takes less than 600 bytes', async () => {
    const windowMs = 2_000;
    const charge = of({ key: 'size', limit: 1_000_000_000, windowMs, amount: 70_000 });
    const endMs = performance.now() + windowMs + 100;
    while (performance.now() < endMs) {
      granted(await store.charge([charge]));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const bucket = createNames(secret, prefix)(charge);
    expect(await client.strlen(bucket)).toBeGreaterThan(150);
    expect(await client.strlen(bucket)).toBeLessThan(600);
  });

  it('count exactly to the largest limit there is', async () => {
    const charge = of({ key: 'large', limit: 1_000_000_000 });
    granted(await store.charge([{ ...charge, amount: 999_999_999 }]));
    expect(granted(await store.charge([charge])).remaining).toEqual([0]);
    expect((await store.charge([charge])).ok).toBe(false);
  });
});

describe('createNames', () => {
  it('depends on the secret, the rate and the identity', () => {
    const name = createNames(secret, '');
    const other = createNames(`${secret}!`, '');
    const names = [
      name({ rate: 'a', key: 'b' }),
      name({ rate: 'ab', key: '' }),
      name({ rate: 'a', key: 'c' }),
      other({ rate: 'a', key: 'b' }),
    ];
    expect(new Set(names).size).toBe(names.length);
    expect(name({ rate: 'a', key: 'b' })).toBe(names[0]);
  });

  const misuse = [
    { name: 'a short secret', given: ['fifteen bytes..', ''] },
    { name: 'a prefix with a hash tag', given: [secret, '{one}:'] },
  ] as const;
  it.each(misuse)('throws for $name', ({ given: [key, start] }) => {
    expect(() => createNames(key, start)).toThrow(TypeError);
  });
});

describe('slotOfName', () => {
  // The first is the check of the Redis Cluster specification, the others are CLUSTER KEYSLOT's.
  const cases = [
    { given: '123456789', expect: 0x31c3 },
    { given: 'foo', expect: 12_182 },
    { given: 'fieldgate:rate:5_-Zaq09:AbCdEf', expect: 8_069 },
    { given: '', expect: 0 },
  ];
  it.each(cases)('$given', ({ given, expect: slot }) => {
    expect(slotOfName(given)).toBe(slot);
  });
});
