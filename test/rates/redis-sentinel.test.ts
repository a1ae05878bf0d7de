/**
 * A store behind Sentinel: the master that Sentinel names is asked, and a sentinel that goes away
 * while the master is there is nobody's trouble.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
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
