/**
 * One client that takes every connection of all workers keeps no other client out. Real processes
 * and sockets: all of 127.0.0.0/8 is this machine, so each address there is another client.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import {
  removeGatewayFiles,
  startGatewayProcess,
  writeGatewayFiles,
} from '../support/gateway-process.ts';
import { post, talk } from '../support/raw-http.ts';
import { until } from '../support/redis.ts';
import { playUpstream, smallFiles } from '../support/served.ts';

/** Each of the two may have this many files open, and so half as many connections. */
const filesMax = 128;
const room = filesMax;

it('a client with all connections of two workers keeps no other out', {
  timeout: 120_000,
}, async () => {
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: { person: { id: '42' } } }));
  });
  const directory = await writeGatewayFiles(smallFiles(upstream.url));
  const gateway = await startGatewayProcess(directory, [], ['--workers', '2'], filesMax);
  onTestFinished(async () => {
    await gateway.end('SIGKILL');
    await upstream.close();
    await removeGatewayFiles(directory);
  });
  const { port, pathname } = new URL(gateway.url);
  const open = (client: number): Socket =>
    connect({ port: Number(port), host: '127.0.0.1', localAddress: `127.0.0.${client}` });
  const body = JSON.stringify({ query: '{ person(id: "42") { id } }' });
  const ask = post(pathname, body, 'Content-Type: application/json\r\n');

  // Some at a time: the queue of connections that are not accepted yet is short.
  const holding: Socket[] = [];
  let cut = 0;
  onTestFinished(() => holding.forEach((socket) => void socket.destroy()));
  while (holding.length < 2 * room) {
    const some = Array.from({ length: 16 }, () => open(1));
    holding.push(...some);
    for (const socket of some) {
      socket.on('error', () => undefined).on('close', () => (cut += 1));
      // Half a request is no reason to be kept.
      socket.write('POST /graphql HTTP/1.1\r\nHost: ');
    }
    await Promise.all(some.map((socket) => once(socket, 'connect')));
  }
  await until('both workers to be full', () => holding.length - cut <= room);
  expect(holding.length - cut).toBeGreaterThan(0.9 * room);

  // As many as go to both workers, and none of them is tried again.
  const others = Array.from({ length: 16 }, () => talk(Number(port), () => open(2)));
  for (const { socket } of others) socket.write(ask);
  for (const { answers } of others) {
    await expect
      .poll(answers, { timeout: 20_000 })
      .toEqual(['200 {"data":{"person":{"id":"42"}}}']);
  }
  expect(others.some(({ socket }) => socket.destroyed)).toBe(false);
  const [again] = others;
  again?.socket.write(ask);
  await expect.poll(() => again?.answers().length, { timeout: 20_000 }).toBe(2);
});
