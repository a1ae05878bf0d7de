/** Connections that ask without end, do not read, or lead around the walk. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import type { Gateway } from '../../gateway/gateway-options.ts';
import { owedMax } from '../../gateway/http/owed-answers.ts';
import { startServer } from '../../gateway/http/server.ts';
import { get, talk } from '../support/raw-http.ts';

const serve = async (gateway: Gateway) =>
  startServer(gateway, { host: '127.0.0.1', port: 0, tls: undefined });

it('one connection does not have a thousand requests run at once', async () => {
  const release = Promise.withResolvers<void>();
  let running = 0;
  const server = await serve({
    async handle(_inbound, send) {
      running += 1;
      await release.promise;
      await send({ status: 200, headers: {}, body: '{}' });
    },
  });
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
  socket.write(get('/graphql').repeat(1_000));
  await closed;
  expect(running).toBe(owedMax);
  release.resolve();
  await server.close(100);
});
it('Expect does not lead around the walk', async () => {
  let walked = 0;
  const server = await serve({
    async handle(_inbound, send) {
      walked += 1;
      await send({ status: 400, headers: { 'cache-control': 'no-store' }, body: '{}' });
    },
  });
  const { socket, text } = talk(server.port);
  socket.write(get('/graphql', 'Expect: anything\r\n'));
  await expect.poll(text).toContain('HTTP/1.1 ');
  expect({ walked, noStore: text().includes('no-store') }).toEqual({ walked: 1, noStore: true });
  socket.destroy();
  await server.close(100);
});

it('a caller who takes a first answer slowly keeps none of those behind it for ever', async () => {
  const first = Promise.withResolvers<void>();
  const outcomes: boolean[] = [];
  const server = await startServer(
    {
      async handle({ path }, send) {
        await (path === '/first' ? first.promise : undefined);
        const body = path === '/first' ? 'x' : 'x'.repeat(9_000_000);
        outcomes.push((await send({ status: 200, headers: {}, body })).aborted);
      },
    },
    { host: '127.0.0.1', port: 0, tls: undefined, stalledMs: 50 },
  );
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(get('/first') + get('/second'));
  // For longer than an answer may be stalled, it is not the turn of the second.
  await sleep(250);
  first.resolve();
  await expect.poll(() => outcomes, { timeout: 5_000 }).toEqual([false, true]);
  socket.destroy();
  await server.close(100);
});

it('an answer at once to a request that had not come in full does not cut the one before it', async () => {
  const server = await serve({
    async handle({ path }, send) {
      if (path === '/slow') await sleep(900);
      await send({ status: 200, headers: {}, body: `"${path}"` });
    },
  });
  const { socket, answers } = talk(server.port);
  socket.write(get('/slow') + get('/at-once'));
  await expect.poll(answers, { timeout: 5_000 }).toEqual(['200 "/slow"', '200 "/at-once"']);
  socket.destroy();
  await server.close(100);
});

it('a caller who never reads does not keep an answer and its record for ever', async () => {
  const done = Promise.withResolvers<{ aborted: boolean }>();
  const server = await startServer(
    {
      async handle(_inbound, send) {
        done.resolve(await send({ status: 200, headers: {}, body: 'x'.repeat(9_000_000) }));
      },
    },
    { host: '127.0.0.1', port: 0, tls: undefined, stalledMs: 50 },
  );
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(get('/graphql'));
  expect(await done.promise).toEqual({ aborted: true });
  await server.close(100);
});

/** As many as the system lets a queue of connections be long, which is more than Node asks for. */
const queued = Math.min(1_500, Number(readFileSync('/proc/sys/net/core/somaxconn', 'utf8')));

it('connections that come at once wait to be taken: none has to be tried again', async () => {
  expect(queued).toBeGreaterThan(511);
  const server = await serve({ handle: async () => undefined });
  let connected = 0;
  const sockets = Array.from({ length: queued }, () => connect(server.port, '127.0.0.1'));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await server.close(100);
  });
  for (const socket of sockets) {
    socket.on('error', () => undefined);
    socket.on('connect', () => {
      connected += 1;
    });
  }
  // One is taken in each turn. Whatever was not let into the queue is tried again after a second.
  for (let turns = 0; turns < 10; turns += 1) await turn();
  expect(connected).toBe(queued);
});
