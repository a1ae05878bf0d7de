/**
 * A store behind Sentinel: the master that Sentinel names is asked, and a sentinel that goes away
 * while the master is there is nobody's trouble.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { createRedisStore } from '../../gateway/rates/redis-store.ts';
import { startRedis, until } from '../support/redis.ts';
import { of, secret } from './charges.ts';

async function startSentinel(master: number): Promise<{ port: number; process: ChildProcess }> {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  holder.close();
  await once(holder, 'close');
  const directory = await mkdtemp(join(tmpdir(), 'fieldgate-sentinel-'));
  const file = join(directory, 'sentinel.conf');
  const watched = `sentinel monitor main 127.0.0.1 ${master} 1`;
  await writeFile(file, `port ${port}\nbind 127.0.0.1\ndir ${directory}\n${watched}\n`);
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await rm(directory, { recursive: true, force: true });
  });
  const client = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50 });
  client.on('error', () => undefined);
  await client.ping();
  client.disconnect();
  return { port, process: child };
}

/** The way to a sentinel; what is new on it can be held up. */
async function startWay(port: number) {
  let held: (() => void)[] | undefined;
  const way = createServer((near) => {
    const pass = (): void => {
      const far = connect(port, '127.0.0.1');
      for (const socket of [near, far]) {
        socket
          .on('error', () => undefined)
          .on('close', () => (socket === near ? far : near).destroy());
      }
      near.pipe(far).pipe(near);
    };
    near.on('error', () => undefined);
    if (held === undefined) pass();
    else held.push(pass);
  }).listen(0, '127.0.0.1');
  await once(way, 'listening');
  onTestFinished(() => void way.close());
  return {
    port: (way.address() as AddressInfo).port,
    holdUp: () => (held = []),
    waiting: () => held?.length ?? 0,
    goOn() {
      for (const pass of held?.splice(0) ?? []) pass();
      held = undefined;
    },
  };
}

it('finds the master that takes over while the one before is looked for', async () => {
  const master = await startRedis({ own: true });
  const next = await startRedis({
    own: true,
    args: ['--replicaof', '127.0.0.1', String(master.port), '--repl-diskless-sync-delay', '0'],
  });
  const old = new Redis({ port: master.port });
  const replica = new Redis({ port: next.port });
  await until('the replica', async () => /link_status:up/.test(await replica.info()));
  const sentinel = await startSentinel(master.port);
  const way = await startWay(sentinel.port);
  const store = createRedisStore({
    urls: `sentinel://127.0.0.1:${way.port}/main`,
    secret,
    onStoreDown: 'refuse',
    report: () => undefined,
  });
  const asked = new Redis({ port: sentinel.port });
  onTestFinished(async () => {
    for (const client of [old, replica, asked]) client.disconnect();
    await store.close();
    await Promise.all([master.stop(), next.stop()]);
  });
  const isGranted = async () => (await store.charge([of({ key: 'a', limit: 1_000 })])).ok === true;
  const listens = async () => String(await asked.call('CLIENT', 'LIST')).includes('sub=1');
  await until('the master', isGranted);
  await until('who waits for word of another', listens);
  const heard = new Redis({ port: sentinel.port });
  onTestFinished(() => heard.disconnect());
  await heard.subscribe('+switch-master');
  const told = once(heard, 'message');
  way.holdUp();
  await old.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await until('the search', () => way.waiting() > 0);
  await asked.call('SENTINEL', 'FAILOVER', 'main');
  await told;
  way.goOn();
  await until('the other master', isGranted, 10_000);
}, 40_000);

it('a sentinel that goes away leaves the master asked, and prints nothing', async () => {
  const master = await startRedis({ own: true });
  const sentinel = await startSentinel(master.port);
  const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const store = createRedisStore({
    urls: `sentinel://127.0.0.1:${sentinel.port}/main`,
    secret,
    onStoreDown: 'refuse',
    report: () => undefined,
  });
  onTestFinished(async () => {
    await store.close();
    await master.stop();
    printed.mockRestore();
  });
  const isGranted = async () => (await store.charge([of({ key: 'a', limit: 1_000 })])).ok === true;
  await until('the master', isGranted);
  // Subscribed: told by the sentinel of each change of masters.
  const ended = once(sentinel.process, 'exit');
  sentinel.process.kill('SIGKILL');
  await ended;
  let tries = 0;
  const inItsPlace = createServer((socket) => {
    tries += 1;
    socket.resetAndDestroy();
  }).listen(sentinel.port, '127.0.0.1');
  onTestFinished(() => void inItsPlace.close());
  await until('further tries', () => tries > 3);
  await until('the master', isGranted);
  expect(printed.mock.calls).toEqual([]);
});
