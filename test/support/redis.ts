/**
 * Real Redis servers for tests: on loopback, without persistence, in a directory of their own, and
 * killed at the end. REDIS_URL, where set, stands in for the plain single server. Otherwise
 * `redis-server` is started, and installed with apt-get first where it is missing and we may.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** As it dies in an accident; resolves once it is gone. */
  kill(): Promise<void>;
  /** The same port again, empty. */
  restart(): Promise<void>;
  /** Ends it and removes its directory. */
  stop(): Promise<void>;
}

export interface RedisCluster {
  readonly urls: readonly string[];
  readonly nodes: readonly RedisServer[];
  stop(): Promise<void>;
}

export interface RedisServerOptions {
  /** Further arguments of redis-server, `['--maxmemory', '1mb']`. */
  readonly args?: readonly string[];
  /** A server that only this test uses, and may kill: never that of REDIS_URL. */
  readonly own?: boolean;
}

const run = promisify(execFile);

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const given = process.env.REDIS_URL;
  if (given !== undefined && given !== '' && options.own !== true) return outsideServer(given);
  const [port = 0] = await freePorts(1);
  return startServer(port, options.args ?? []);
}

/** Three masters that share all slots; resolves when each of them sees the others. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const ports = await freePorts(6);
  const nodes = await Promise.all(
    ports.slice(0, 3).map((port, index) => {
      const bus = String(ports[index + 3]);
      const files = ['--cluster-enabled', 'yes', '--cluster-config-file', `nodes-${port}.conf`];
      return startServer(port, [...files, '--cluster-port', bus, '--cluster-node-timeout', '2000']);
    }),
  );
  const clients = nodes.map(({ port }) => new Redis({ port, host: '127.0.0.1' }));
  try {
    await joinNodes(clients, ports);
  } finally {
    for (const client of clients) client.disconnect();
  }
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
  };
  return { urls: nodes.map(({ url }) => url), nodes, stop };
}

async function joinNodes(clients: readonly Redis[], ports: readonly number[]): Promise<void> {
  const ranges = [
    [0, 5460],
    [5461, 10_922],
    [10_923, 16_383],
  ];
  await Promise.all(
    clients.map((client, index) =>
      client.call('CLUSTER', 'ADDSLOTSRANGE', ...(ranges[index] ?? []).map(String)),
    ),
  );
  // Nodes that share an epoch must settle it among themselves first; this spares the wait.
  await Promise.all(
    clients.map((client, index) => client.call('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))),
  );
  for (const index of [1, 2]) {
    const [port, bus] = [String(ports[index]), String(ports[index + 3])];
    await clients[0]?.call('CLUSTER', 'MEET', '127.0.0.1', port, bus);
  }
  await until('the cluster', async () => {
    const infos = await Promise.all(clients.map((client) => client.call('CLUSTER', 'INFO')));
    return infos.every((info) =>
      [/cluster_state:ok/, /cluster_known_nodes:3/, /cluster_slots_assigned:16384/].every((part) =>
        part.test(String(info)),
      ),
    );
  });
}

function outsideServer(url: string): RedisServer {
  const refuse = async () => {
    throw new Error('the server of REDIS_URL is not ours to stop: ask for one with `own`');
  };
  const port = Number(new URL(url).port || 6379);
  return { url, port, kill: refuse, restart: refuse, stop: async () => undefined };
}

async function startServer(port: number, args: readonly string[]): Promise<RedisServer> {
  await ensureInstalled();
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-redis-'));
  const start = () => spawnServer(port, directory, args);
  let child = await start();
  const kill = () => end(child);
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    kill,
    restart: async () => {
      await kill();
      child = await start();
    },
    stop: async () => {
      await kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function spawnServer(
  port: number,
  directory: string,
  args: readonly string[],
): Promise<ChildProcess> {
  const plain = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory];
  const forgetful = ['--save', '', '--appendonly', 'no', '--daemonize', 'no'];
  const child = spawn('redis-server', [...plain, ...forgetful, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return new Promise((resolve, reject) => {
    let printed = '';
    const fail = () => reject(new Error(`redis-server did not start:\n${printed}`));
    child.once('error', reject);
    child.once('exit', fail);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (printed.length < 10_000) printed += text;
      if (!/Ready to accept connections/.test(printed)) return;
      child.off('exit', fail);
      resolve(child);
    });
  });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

async function ensureInstalled(): Promise<void> {
  if (await isInstalled()) return;
  if (process.getuid?.() !== 0) {
    throw new Error('these tests need redis-server: install it, or set REDIS_URL');
  }
  const wait = ['-o', 'DPkg::Lock::Timeout=120'];
  try {
    await run('apt-get', [...wait, 'update']);
    await run('apt-get', [...wait, 'install', '-y', '--no-install-recommends', 'redis-server']);
  } catch (error) {
    // Another test file may have been installing it at the same time.
    if (await isInstalled()) return;
    throw new Error('redis-server could not be installed with apt-get', { cause: error });
  }
}

async function isInstalled(): Promise<boolean> {
  try {
    await run('redis-server', ['--version']);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Resolves once `holds` does; rejects after 25 seconds, or as long as is said. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  withinMs = 25_000,
): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`waited too long for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map(listen));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  });
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
}
