/**
 * Counts in Redis, shared by all instances of the gateway. If the store does not answer in time,
 * the outcome is `unavailable`; with `onStoreDown: local`, this instance decides alone by its share
 * of each limit, rounded down, and a share of zero refuses.
 *
 * The promise holds for what Redis keeps. Local shares add up to at most N, but neither side knows
 * what the other has just granted: across a switch, N by Redis and N by the shares. A Redis that
 * loses data (restart without persistence, failover ahead of replication, eviction) forgets its
 * grants. A charge whose answer came too late stays spent.
 */
import { createMemoryStore, type MemoryStore } from './memory-store.ts';
import { parseRedisAddress } from './redis-address.ts';
import { createRedisClient } from './redis-client.ts';
import { decideInRedis, type Redis, returnLines } from './redis-decide.ts';
import { createGate, type StoreState } from './redis-gate.ts';
import { createNames } from './redis-name.ts';
import {
  type Charge,
  checkCharges,
  type Outcome,
  type RateStore,
  type Receipt,
  takeFromLine,
} from './store.ts';

export type StoreDown =
  | { readonly onStoreDown: 'refuse' }
  | {
      readonly onStoreDown: 'local';
      /** Instances of the gateway that share the limits; at least as many as ever run. */
      readonly instances: number;
      /** Milliseconds from any start; should be monotonic. */
      readonly clock: () => number;
      /** Most keys of the local store; see createMemoryStore. */
      readonly keysMax?: number;
    };

export type RedisStoreOptions = StoreDown & {
  /** `redis://`, `rediss://`, `sentinel://host:port,host:port/name`, or a list for a cluster. */
  readonly urls: string | readonly string[];
  /** Secret for the names of buckets; the same in all instances, at least 16 bytes. */
  readonly secret: string;
  /** Called when the store is lost (after three consecutive failures) and when it answers again. */
  readonly report: (state: StoreState) => void;
  readonly prefix?: string;
  /** Deadline of a decision, excluding the connection; default 100. */
  readonly timeoutMs?: number;
  readonly connectTimeoutMs?: number;
  /** Most calls in flight; default 10,000. */
  readonly callsMax?: number;
  /** Certificate authorities for rediss://, in PEM. */
  readonly ca?: string;
};

export interface RedisStore extends RateStore {
  charge(charges: readonly Charge[]): Promise<Outcome>;
  giveBack(receipt: Receipt, amounts: readonly number[]): Promise<void>;
}

/** Throws TypeError for an invalid address, secret or number of instances. */
export function createRedisStore(options: RedisStoreOptions): RedisStore {
  const { timeoutMs = 100, connectTimeoutMs = 1_000, callsMax = 10_000, report, ca } = options;
  const address = parseRedisAddress(options.urls);
  const nameOf = createNames(options.secret, options.prefix ?? 'fieldgate:rate:');
  const fallback = createFallback(options);
  const client = createRedisClient({
    address,
    timeoutMs,
    connectTimeoutMs,
    ...(ca !== undefined && { ca }),
  });
  const redis: Redis = { client, nameOf, gate: createGate({ timeoutMs, callsMax, report }) };
  return {
    charge: async (charges) => {
      checkCharges(charges);
      const outcome = await decideInRedis(redis, charges);
      return outcome.ok === 'unavailable' && fallback !== undefined
        ? fallback.charge(charges)
        : outcome;
    },
    giveBack: async (receipt, amounts) => {
      if (receipt.kind === 'memory') return fallback?.store.giveBack(receipt, amounts);
      const lines = receipt.lines.map((line, index) => ({
        ...line,
        left: takeFromLine(line, amounts[index] ?? 0),
      }));
      await returnLines(redis, lines);
    },
    close: () => client.close(timeoutMs),
  };
}

interface Fallback {
  readonly store: MemoryStore;
  charge(charges: readonly Charge[]): Outcome;
}

function createFallback(options: RedisStoreOptions): Fallback | undefined {
  if (options.onStoreDown === 'refuse') return undefined;
  const { instances, clock, keysMax } = options;
  if (!Number.isInteger(instances) || instances < 1) {
    throw new TypeError('`instances` must be a whole number of at least 1');
  }
  const store = createMemoryStore({ clock, ...(keysMax !== undefined && { keysMax }) });
  const charge = (charges: readonly Charge[]): Outcome => {
    const shares = charges.map((one) => ({ ...one, limit: Math.floor(one.limit / instances) }));
    const outcome = store.charge(shares);
    return outcome.ok === 'unavailable' ? outcome : { ...outcome, local: true };
  };
  return { store, charge };
}
