/**
 * Connections that end for good in the eyes of ioredis come back, on one server and on Redis Cluster,
 * also where they end again while they are made; those that we end stay ended.
 */
import { Cluster, Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { startRedis, startRedisCluster, until } from '../support/redis.ts';
import { isGranted, of, redisStore } from './charges.ts';

/** Resolves once it has ended. */
function disconnect(client: Redis | Cluster): Promise<unknown> {
  const ended = new Promise((resolve) => client.once('end', () => resolve(undefined)));
  client.disconnect();
  return ended;
}

/** The connection that a store makes for itself, and how often it is made. */
function watchConnections(kind: typeof Redis | typeof Cluster) {
  const connect = vi.spyOn(kind.prototype as Redis, 'connect');
  onTestFinished(() => connect.mockRestore());
  return () => {
    const [client] = connect.mock.contexts;
    if (!(client instanceof kind)) throw new Error('no connection was made');
    const times = connect.mock.contexts.filter((one) => one === client).length;
    return { client, times };
  };
}

const servers = [
  {
    name: 'one server',
    kind: Redis,
    start: async () => {
      const server = await startRedis({ own: true });
      return { urls: server.url, ports: [server.port], stop: () => server.stop() };
    },
  },
  {
    name: 'Redis Cluster',
    kind: Cluster,
    start: async () => {
      const cluster = await startRedisCluster();
      const ports = cluster.nodes.map(({ port }) => port);
      return { urls: cluster.urls, ports, stop: () => cluster.stop() };
    },
  },
];

describe.each(servers)('$name', ({ kind, start }) => {
  let running: Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    running = await start();
  });
  afterAll(async () => {
    await running?.stop();
  });

  const open = async () => {
    const { urls, ports } = running;
    const made = watchConnections(kind);
    const store = redisStore(urls);
    onTestFinished(() => store.close());
    // Names are random: of so many, some lie on every node.
    const many = () =>
      Promise.all(
        Array.from({ length: 60 }, () => store.charge([of({ key: crypto.randomUUID() })])),
      );
    const isThere = async () => (await many()).every(isGranted);
    await until('the store', isThere);
    return { store, many, isThere, made, ports };
  };

  it('comes back where it has ended', async () => {
    const { many, isThere, made } = await open();
    await disconnect(made().client);
    expect((await many()).some(isGranted)).toBe(false);
    await until('the store', isThere);
    expect(made().times).toBe(2);
  });

  it('comes back once where it ends twice', async () => {
    const { isThere, made } = await open();
    const { client } = made();
    await disconnect(client);
    client.emit('end');
    await until('the store', isThere);
    expect(made().times).toBe(2);
  });

  it('comes back where it ends again while it is made', async () => {
    const { isThere, made } = await open();
    const { client } = made();
    client.once('end', () => client.once('connecting', () => client.emit('end')));
    client.disconnect();
    await until('the store', isThere);
    await until('the second attempt', () => made().times === 3);
    expect(await isThere()).toBe(true);
  });

  const endings: { name: string; before: (client: Redis | Cluster) => unknown }[] = [
    { name: 'that is there', before: () => undefined },
    { name: 'that is away', before: (client) => client.disconnect() },
    { name: 'that ended twice', before: (client) => [1, 2].map(() => client.emit('end')) },
    {
      name: 'that is made again',
      before: async (client) => {
        client.disconnect();
        await new Promise((resolve) => client.once('connecting', () => resolve(undefined)));
      },
    },
  ];
  it.each(endings)('stays ended by us, one $name', async ({ before }) => {
    const { store, many, made, ports } = await open();
    const { client } = made();
    const asked = many();
    await before(client);
    const { times } = made();
    await store.close();
    await asked;
    const admins = ports.map((port) => new Redis({ port }));
    onTestFinished(() => {
      for (const admin of admins) admin.disconnect();
    });
    // Longer than it would take to come back.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect({ status: client.status, times: made().times }).toEqual({
      status: expect.stringMatching(/^(?:end|close)$/),
      times,
    });
    for (const admin of admins) {
      const own = await admin.client('ID');
      const others = String(await admin.call('CLIENT', 'LIST', 'TYPE', 'normal'))
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith(`id=${own} `));
      expect(others).toEqual([]);
    }
  });
});
