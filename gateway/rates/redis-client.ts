/**
 * The connection to Redis: one server, Redis Cluster, or the master that Sentinel names. Nothing is
 * queued while it is down and nothing is sent twice: a repeated charge would count twice, units
 * returned twice would be granted twice. It reconnects indefinitely, waiting at most a second
 * between attempts.
 */
import { Cluster, Redis } from 'ioredis';
import type { Script } from './lua.ts';
import type { RedisAddress } from './redis-address.ts';
import { codeOf } from './redis-gate.ts';

export interface ClientOptions {
  readonly address: RedisAddress;
  readonly connectTimeoutMs: number;
  readonly timeoutMs: number;
  /** Certificate authorities for rediss://, in PEM; the system's by default. */
  readonly ca?: string;
}

export interface RedisClient {
  /** Whether a script may only use keys of one slot. */
  readonly isCluster: boolean;
  run(script: Script, keys: readonly string[], args: readonly number[]): Promise<unknown>;
  close(timeoutMs: number): Promise<void>;
}

const reconnectMsMax = 1_000;
const backoff = (attempt: number): number =>
  Math.min(50 * 2 ** Math.min(attempt, 10), reconnectMsMax);

export function createRedisClient(options: ClientOptions): RedisClient {
  const client = connect(options);
  // Without a listener an error would end the process; the gate reports the consequences. An error
  // from the server, such as a wrong password, explains more than a lost connection.
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
      // While disconnected, a cluster client would queue calls instead of refusing them.
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
 * Reconnects when ioredis gives up for good, as it does if a sentinel announces another master
 * while one is being looked up. Returns a function that stops it.
 */
function connectAgain(client: Redis | Cluster): () => void {
  let timer: NodeJS.Timeout | undefined;
  const again = (): void => {
    clearTimeout(timer);
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
  ignoreSentinelErrors(client);
  return client;
}

/**
 * Listens for errors on ioredis's sentinel subscriptions. Without a listener it prints each with
 * stack and address, once a second while a sentinel is down. The subscriptions reconnect by
 * themselves.
 */
function ignoreSentinelErrors(client: Redis): void {
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
    // NODE_TLS_REJECT_UNAUTHORIZED=0 would reveal the password to anyone on the network path.
    ...(usesTls && { tls: { rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) } }),
    connectTimeout: connectTimeoutMs,
    // The gate has the real deadline; this timeout fires even before answers that have already
    // arrived.
    commandTimeout: silenceMaxMs,
    // Closes a silent connection, and fails all that waits on it.
    socketTimeout: silenceMaxMs,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    enableAutoPipelining: true,
    disableClientInfo: true,
    reconnectOnError: reconnectFromReplica(),
  };
}

/**
 * Reconnects, at most once a second, if the master has become a replica: its name may point to the
 * new master by now.
 */
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
    // Certificates hold names, so names are kept; the connection resolves them itself.
    dnsLookup: (host, found) => found(null, host),
    maxRedirections: 3,
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshInterval: reconnectMsMax,
    slotsRefreshTimeout: reconnectMsMax,
  });
}

/** EVALSHA; the text is sent only if a server does not know the script. */
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
  // Commands of this tick are sent at its end.
  await new Promise((resolve) => setImmediate(resolve));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  // A server that is down cannot be told; the connection is closed in any case.
  if (client.status === 'ready') await Promise.race([client.quit().catch(() => undefined), late]);
  clearTimeout(timer);
  client.disconnect();
}
