/**
 * Prints what a decision costs: in memory at three numbers of live keys and under ten million
 * identities, and in Redis one by one and many at once. `node test/bench/rate-store.ts`
 */
import { createMemoryStore } from '../../gateway/rates/memory-store.ts';
import { createRedisStore } from '../../gateway/rates/redis-store.ts';
import type { Charge } from '../../gateway/rates/store.ts';
import { startRedis, until } from '../support/redis.ts';

const clock = () => performance.now();
const print = (line: string) => process.stdout.write(`${line}\n`);

const of = (at: number, limit = 600, rate = 'per-address'): Charge => ({
  rate,
  key: `address12:${at >>> 16}.${at & 0xffff}`,
  limit,
  windowMs: 3_600_000,
  amount: 1,
});

const megabytes = () => {
  const { rss, arrayBuffers } = process.memoryUsage();
  return `${(rss / 2 ** 20).toFixed(0)} MiB resident, ${(arrayBuffers / 2 ** 20).toFixed(0)} in arrays`;
};

function microsecondsPer(count: number, run: (at: number) => void): number {
  const startMs = performance.now();
  for (let at = 0; at < count; at += 1) run(at);
  return ((performance.now() - startMs) * 1_000) / count;
}

/** The median of five rounds, all sizes in turn, so that a slow moment hits them alike. */
function liveKeys(limit: number): void {
  const sizes = [1_000, 100_000, 1_000_000];
  const stores = sizes.map((size) => {
    const store = createMemoryStore({ clock, keysMax: 1_000_000 });
    for (let at = 0; at < size; at += 1) store.charge([of(at, limit)]);
    return { size, store, rounds: [] as number[] };
  });
  for (let round = 0; round < 5; round += 1) {
    for (const { size, store, rounds } of stores) {
      // A stride that visits all keys, far apart.
      rounds.push(microsecondsPer(300_000, (at) => store.charge([of((at * 7_919) % size, limit)])));
    }
  }
  for (const { size, rounds } of stores) {
    const median = rounds.sort((a, b) => a - b)[2] ?? Number.NaN;
    print(`memory, limit ${limit}, ${size} live keys: ${median.toFixed(2)} µs a decision`);
  }
}

function identities(keysMax: number): void {
  const store = createMemoryStore({ clock, keysMax });
  const each = microsecondsPer(10_000_000, (at) => store.charge([of(at)]));
  const { keys, shared } = store.sizes();
  print(`memory, ten million identities, room for ${keysMax}: ${each.toFixed(2)} µs a decision,`);
  print(`  ${keys} keys and ${shared} shared buckets, ${megabytes()}`);
}

async function redis(): Promise<void> {
  const server = await startRedis();
  const report = () => undefined;
  const secret = 'a secret of the bench only';
  const options = { urls: server.url, secret, onStoreDown: 'refuse', report } as const;
  const store = createRedisStore({ ...options, timeoutMs: 5_000, prefix: 'bench:' });
  await until('the store', async () => (await store.charge([{ ...of(0), amount: 0 }])).ok === true);
  const rates = ['per-address', 'per-caller', 'login-address', 'login-email', 'egress'];
  const five = (at: number) => rates.map((rate) => of(at, 600, rate));
  const before = process.cpuUsage();
  const startMs = performance.now();
  const count = 20_000;
  for (let at = 0; at < count; at += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, one) => store.charge(five(at + one))));
  }
  const { user, system } = process.cpuUsage(before);
  const wall = ((performance.now() - startMs) * 1_000) / count;
  const cpu = ((user + system) / count).toFixed(1);
  print(`Redis, five buckets, 100 at once: ${wall.toFixed(1)} µs each, ${cpu} µs CPU of ours`);
  const aloneMs = performance.now();
  for (let at = 0; at < 2_000; at += 1) await store.charge(five(at));
  const alone = ((performance.now() - aloneMs) * 1_000) / 2_000;
  print(`Redis, five buckets, one after the other: ${alone.toFixed(0)} µs each`);
  await store.close();
  await server.stop();
}

print(`at start: ${megabytes()}`);
liveKeys(5);
liveKeys(600);
identities(200_000);
await redis();
