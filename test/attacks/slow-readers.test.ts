/**
 * A client that reads its answer slowly gets all of it; one that stops reading, or takes next to
 * nothing, is cut. With texts that Node encodes and with masked ones, encoded beforehand; over TLS,
 * too. On raw sockets.
 */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Gateway } from '../../gateway/gateway-options.ts';
import { createStallLook } from '../../gateway/http/exchange-means.ts';
import { startServer } from '../../gateway/http/server.ts';
import { encode } from '../../gateway/shape/utf8.ts';
import { createAuthority } from '../support/certificates.ts';
import { get } from '../support/raw-http.ts';

/** More than the systems on both sides keep. */
const bytesLeast = 32 * 1024 * 1024;
const mega = 1024 * 1024;
const row = '{"name":"Zoë 山田 👩‍💻","ssn":"•••••••1111"},';
const toLong = (text: string): string =>
  `[${text.repeat(Math.ceil(bytesLeast / Buffer.byteLength(text)))}0]`;
const { cert, key } = await (await createAuthority()).issue('localhost', 'IP:127.0.0.1');

/** Answers every request with `body`; the outcome of each answer is kept. */
async function rig(body: string, { isTls, stalledMs }: { isTls: boolean; stalledMs: number }) {
  const { bodyBytes, utf8 } = encode(body);
  const outcomes: boolean[] = [];
  const gateway: Gateway = {
    async handle(_inbound, send) {
      outcomes.push((await send({ status: 200, headers: {}, body, bodyBytes, utf8 })).aborted);
    },
  };
  const tls = isTls ? { cert, key, clientCa: undefined } : undefined;
  const server = await startServer(gateway, { host: '127.0.0.1', port: 0, tls, stalledMs });
  const to = { port: server.port, host: '127.0.0.1' };
  const socket: Socket = isTls ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to);
  socket.on('error', () => undefined);
  onTestFinished(async () => {
    socket.destroy();
    await server.close(100);
  });
  await once(socket, isTls ? 'secureConnect' : 'connect');
  socket.pause();
  return { socket, outcomes, bodyBytes, isMadeBefore: utf8 !== undefined };
}

/** Reads at least `bytes`, unless the connection ends, and then pauses. */
async function take(socket: Socket, bytes: number): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  const taken = Promise.withResolvers<void>();
  let count = 0;
  if (bytes <= 0 || socket.destroyed) return chunks;
  const onData = (chunk: Buffer): void => {
    chunks.push(chunk);
    count += chunk.length;
    if (count >= bytes) taken.resolve();
  };
  socket.on('data', onData).once('close', taken.resolve).resume();
  await taken.promise;
  socket.pause().off('data', onData).off('close', taken.resolve);
  return chunks;
}

const headBytesOf = (received: Buffer): number => received.indexOf('\r\n\r\n') + 4;

function bytesLeft(chunks: readonly Buffer[], bodyBytes: number): number {
  const received = Buffer.concat(chunks);
  return headBytesOf(received) + bodyBytes - received.length;
}

const cases = [
  { name: 'an answer in ASCII', text: '{"ssn":"900-11-1111"},', isTls: false },
  { name: 'a masked answer', text: row, isTls: false },
  { name: 'a masked answer over TLS', text: row, isTls: true },
];

describe.each(cases)('$name', ({ name, text, isTls }) => {
  const body = toLong(text);

  it('reaches a slow reader whole', { timeout: 60_000 }, async () => {
    const { socket, outcomes, bodyBytes, isMadeBefore } = await rig(body, {
      isTls,
      stalledMs: 1_000,
    });
    expect(isMadeBefore).toBe(name.includes('masked'));
    socket.write(get('/graphql'));
    // A megabyte, then a pause: the whole takes longer than a client may read nothing.
    const chunks: Buffer[] = [];
    while (outcomes.length === 0 && !socket.destroyed) {
      chunks.push(...(await take(socket, mega)));
      await sleep(100);
    }
    chunks.push(...(await take(socket, bytesLeft(chunks, bodyBytes))));
    const whole = Buffer.concat(chunks);
    const headBytes = headBytesOf(whole);
    expect(whole.toString('latin1', 0, headBytes)).toContain(`content-length: ${bodyBytes}\r\n`);
    expect(whole.subarray(headBytes).equals(Buffer.from(body))).toBe(true);
    await expect.poll(() => outcomes).toEqual([false]);
  });

  it('is not kept for a client that stops in the middle', async () => {
    const { socket, outcomes } = await rig(body, { isTls, stalledMs: 50 });
    socket.write(get('/graphql'));
    const whole = Buffer.concat(await take(socket, mega));
    await expect.poll(() => outcomes, { timeout: 10_000 }).toEqual([true]);
    const received = whole.subarray(headBytesOf(whole));
    expect(received.length).toBeGreaterThan(mega / 2);
    expect(received.equals(Buffer.from(body).subarray(0, received.length))).toBe(true);
  });
});

it('who takes a byte now and then is cut', () => {
  const takenMin = 1_000;
  let isCut = false;
  const socket = {
    bytesWritten: 9_000_000,
    writableLength: 9_000_000,
    _handle: { writeQueueSize: 8_000_000 },
    destroy: () => {
      isCut = true;
    },
  };
  const response = { socket } as unknown as ServerResponse;
  const look = createStallLook(takenMin);
  const lookAfter = (taken: number): boolean => {
    socket._handle.writeQueueSize -= taken;
    return look(response);
  };
  const looks = [lookAfter(0), lookAfter(takenMin), lookAfter(takenMin - 1)];
  expect({ looks, isCut }).toEqual({ looks: [true, true, false], isCut: true });
});
