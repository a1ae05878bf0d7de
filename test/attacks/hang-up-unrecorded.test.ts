/**
 * Strangers who have a write done and hang up before they are answered: what reached an upstream
 * must not vanish in the count of a flood of refusals, nor in the closing of a gateway that stops.
 */
import { readdir, readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const body = JSON.stringify({ query: 'mutation { rename(id: "1", name: "x") { id } }' });

/** So many writes are begun, their callers hang up, and the gateway stops. */
async function hangUp(many: number, stop: 'at once' | 'when their calls are cut') {
  const allBegun = Promise.withResolvers<void>();
  const allCut = Promise.withResolvers<void>();
  let begun = 0;
  let cut = 0;
  const upstream = await playUpstream((_request, response) => {
    response.once('close', () => {
      cut += 1;
      if (cut === many) allCut.resolve();
    });
    begun += 1;
    if (begun === many) allBegun.resolve();
  });
  const files = smallFiles(upstream.url);
  await using gateway = await serveFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}audit: { directory: audit }\n`,
  });
  const sockets = Array.from({ length: many }, () => post(gateway.url));
  await allBegun.promise;
  for (const socket of sockets) socket.destroy();
  if (stop !== 'at once') await allCut.promise;
  await gateway.closeOnly();
  await upstream.close();

  const lines = await readLines(join(gateway.directory, 'audit'));
  const writes = lines.filter(({ unmapped }) => unmapped.gateway.operation?.type === 'mutation');
  return {
    // Whom a busy machine had no room for yet had nothing begun.
    counted: lines.filter(
      ({ count, unmapped }) =>
        count !== undefined && unmapped.gateway.reason !== 'admit/overloaded',
    ),
    calls: writes.map(({ unmapped }) => unmapped.gateway.upstream_calls),
  };
}

it('a write that was begun has an event of its own, however many callers hang up', async () => {
  // More than two seconds of a flood have events of their own.
  const many = 45;
  const { counted, calls } = await hangUp(many, 'when their calls are cut');
  expect(calls).toEqual(Array(many).fill(1));
  expect(counted).toEqual([]);
});

it('a gateway that stops waits for the events of callers who have just hung up', async () => {
  const { calls } = await hangUp(10, 'at once');
  expect(calls).toEqual(Array(10).fill(1));
});

function post(url: string): Socket {
  const { hostname, port, pathname } = new URL(url);
  const socket = connect(Number(port), hostname);
  const text =
    `POST ${pathname} HTTP/1.1\r\nhost: g\r\ncontent-type: application/json\r\n` +
    `content-length: ${body.length}\r\n\r\n${body}`;
  // The only answer is that a busy machine has no room yet.
  socket.on('error', () => undefined).on('data', () => socket.write(text));
  socket.write(text);
  return socket;
}

interface Line {
  readonly count?: number;
  readonly unmapped: {
    readonly gateway: { operation?: { type: string }; reason?: string; upstream_calls?: number };
  };
}

async function readLines(directory: string): Promise<Line[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.ndjson'));
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  const lines = texts.flatMap((text) => text.split('\n')).filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line));
}
