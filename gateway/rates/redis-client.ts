/**
 * The connection to Redis: one server, Redis Cluster, or the master that Sentinel names. Nothing is
 * queued while it is away and nothing is sent twice: a charge sent again would count again, units
 * given back twice would be granted twice. It comes back by itself, for ever, at most every second.
 */
import { Cluster, Redis } from 'ioredis';
import type { Script } from './lua.ts';
import type { RedisAddress } from './redis-address.ts';
import { codeOf } from './redis-gate.ts';

export interface ClientOptions {
  readonly address: RedisAddress;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  /** Certificate authorities for rediss://, in PEM; the system's unless told. */
  readonly ca?: string;
}

export interface RedisClient {
  /** Only keys of one slot may go in one script. */
  readonly isCluster: boolean;
  run(script: Script, keys: readonly string[], args: readonly number[]): Promise<unknown>;
  close(timeoutMs: number): Promise<void>;
}

const reconnectMsMax = 1_000;
const backoff = (attempt: number): number =>
  Math.min(50 * 2 ** Math.min(attempt, 10), reconnectMsMax);

export function createRedisClient(options: ClientOptions): RedisClient {
  const client = connect(options);
  // Without a listener an error would end the process; the gate reports what it means for us.
  // What the server itself says, such as that the password is wrong, says more than that it is away.
  let refusal: Error | undefined;
  client.on('error', (error: Error) => {
    refusal = error.name === 'ReplyError' ? error : undefined;
  });
  client.on('ready', () => {
    refusal = undefined;
  });
  const stayEnded = connectAgain(client);
  return {
    isCluster: options.address.kind === 'cluster',
    run: async (script, keys, args) => {
      // While it is away a cluster client would hold calls back instead of refusing them.
      if (client.status !== 'ready') throw refusal ?? new Error('not connected');
      return await runScript(client, script, keys, args);
    },
    close: (timeoutMs) => {
      stayEnded();
      return close(client, timeoutMs);
    },
  };
}

/**
 * Where a sentinel tells of another master while one is being looked for, ioredis gives up for good.
 * Returns what lets it.
 */
function connectAgain(client: Redis | Cluster): () => void {
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    timer = setTimeout(() => void client.connect().catch(() => undefined), backoff(1));
  };
  client.on('end', again);
  return () => {
    client.off('end', again);
    clearTimeout(timer);
  };
}

function connect(options: ClientOptions): Redis | Cluster {
  const { address } = options;
  const common = commonOptions(options);
  if (address.kind === 'cluster') return connectCluster(address, common);
  const alone = { ...common, retryStrategy: backoff };
  if (address.kind === 'single') return new Redis({ ...alone, ...address.node, db: address.db });
  const client = new Redis({
    ...alone,
    sentinels: [...address.sentinels],
    name: address.name,
    sentinelRetryStrategy: backoff,
    sentinelReconnectStrategy: backoff,
    sentinelCommandTimeout: options.connectTimeoutMs,
    failoverDetector: true,
  });
  hearSentinels(client);
  return client;
}

/**
 * Nobody hears the errors of the connections on which ioredis waits for word of another master, so it
 * prints each with its stack and address, once a second while a sentinel is away. They come back by
 * themselves.
 */
function hearSentinels(client: Redis): void {
  const connector: unknown = Reflect.get(client, 'connector');
  if (typeof connector !== 'object' || connector === null) return;
  const open: unknown = Reflect.get(connector, 'connectToSentinel');
  if (typeof open !== 'function') return;
  Reflect.set(connector, 'connectToSentinel', (...args: unknown[]): unknown => {
    const sentinel: unknown = Reflect.apply(open, connector, args);
    if (sentinel instanceof Redis) sentinel.on('error', () => undefined);
    return sentinel;
  });
}

type CommonOptions = ReturnType<typeof commonOptions>;

function commonOptions(options: ClientOptions) {
  const { address, timeoutMs, connectTimeoutMs, ca } = options;
  const usesTls = address.kind !== 'sentinel' && address.tls;
  const silenceMaxMs = Math.max(1_000, 5 * timeoutMs);
  return {
    ...address.login,
    // NODE_TLS_REJECT_UNAUTHORIZED=0 would tell anybody on the way the password.
    ...(usesTls && { tls: { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) } }),
    connectTimeout: connectTimeoutMs,
    // The deadline is the gate's; this one comes before what may have arrived.
    commandTimeout: silenceMaxMs,
    // A connection that stays silent is given up, and with it whatever waits on it.
    socketTimeout: silenceMaxMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: true,
    disableClientInfo: true,
    reconnectOnError: reconnectFromReplica(),
  };
}

/** A master that became a replica: the name may lead to the new master by now. Once a second. */
function reconnectFromReplica(): (error: Error) => boolean {
  let lastMs = Number.NEGATIVE_INFINITY;
  return (error) => {
    const nowMs = performance.now();
    if (codeOf(error) !== 'READONLY' || nowMs - lastMs < reconnectMsMax) return false;
    lastMs = nowMs;
    return true;
  };
}

function connectCluster(
  address: Extract<RedisAddress, { kind: 'cluster' }>,
  redisOptions: CommonOptions,
): Cluster {
  const { enableOfflineQueue: _, ...ofNodes } = redisOptions;
  return new Cluster([...address.nodes], {
    redisOptions: ofNodes,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
    clusterRetryStrategy: backoff,
    // Certificates hold names; addresses are looked up by the connection itself.
    dnsLookup: (host, found) => found(null, host),
    maxRedirections: 3,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshInterval: reconnectMsMax,
    slotsRefreshTimeout: reconnectMsMax,
  });
}

/** EVALSHA; the text follows only where a server does not know the script. */
async function runScript(
  client: Redis | Cluster,
  script: Script,
  keys: readonly string[],
  args: readonly number[],
): Promise<unknown> {
  try {
    return await client.evalsha(script.sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (codeOf(error) !== 'NOSCRIPT') throw error;
    return client.eval(script.text, keys.length, ...keys, ...args);
  }
}

async function close(client: Redis | Cluster, timeoutMs: number): Promise<void> {
  // What was asked in this tick is sent at its end.
  await new Promise((resolve) => setImmediate(resolve));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  // A server that is away has nothing to be told; we hang up either way.
  if (client.status === 'ready') await Promise.race([client.quit().catch(() => undefined), late]);
  clearTimeout(timer);
  client.disconnect();
}
