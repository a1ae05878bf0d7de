/**
 * One client must not keep everybody else out by holding every connection that a server accepts.
 * Real sockets: all of 127.0.0.0/8 is this machine, so each address there is another client.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Gateway } from '../../gateway/gateway-options.ts';
import { type ServerOptions, startServer } from '../../gateway/http/server.ts';
import { createAuthority } from '../support/certificates.ts';
import { get, letServerRead } from '../support/raw-http.ts';

const connectionsMax = 20;

/** `/held` is answered when `release` is called. */
async function rig(options: Partial<ServerOptions> = {}) {
  const held = Promise.withResolvers<void>();
  const gateway: Gateway = {
    async handle({ path }, send) {
      if (path === '/held') await held.promise;
      await send({ status: 200, headers: {}, body: `"${path}"` });
    },
  };
  const server = await startServer(gateway, {
    host: '127.0.0.1',
    port: 0,
    tls: undefined,
    connectionsMax,
    ...options,
  });
  onTestFinished(() => server.close(0));
  const open = async (client: number, text = ''): Promise<Client> => {
    const localAddress = `127.0.0.${client}`;
    const socket =
      options.tls === undefined
        ? connect({ port: server.port, host: '127.0.0.1', localAddress })
        : connectTls({
            ...{ port: server.port, host: '127.0.0.1', localAddress },
            rejectUnauthorized: false,
          });
    return toClient(socket, text, options.tls === undefined ? 'connect' : 'secureConnect');
  };
  const openAll = async (client: number, count: number, text = '') => {
    const clients: Client[] = [];
    for (let index = 0; index < count; index += 1) clients.push(await open(client, text));
    return clients;
  };
  return { open, openAll, release: () => held.resolve() };
}

interface Client {
  readonly socket: Socket;
  readonly text: () => string;
  readonly isCut: () => boolean;
}

async function toClient(socket: Socket, text: string, ready: string): Promise<Client> {
  let [received, cut] = ['', false];
  socket.on('data', (chunk) => {
    received += String(chunk);
  });
  socket
    .on('error', () => undefined)
    .on('close', () => {
      cut = true;
    });
  onTestFinished(() => void socket.destroy());
  await Promise.race([once(socket, ready), once(socket, 'close')]);
  if (text !== '') socket.write(text);
  return { socket, text: () => received, isCut: () => cut };
}

const cutOf = (clients: readonly Client[]): number => clients.filter(({ isCut }) => isCut()).length;

describe('a client that holds every connection', () => {
  it.each([
    ['idle', ''],
    ['with half a head sent', 'GET / HTTP/1.1\r\nHost: '],
    ['after an answer', get('/')],
  ])('%s keeps no other out', async (_, sent) => {
    const { open, openAll } = await rig();
    const holding = await openAll(1, connectionsMax, sent);
    if (sent === get('/'))
      await expect.poll(() => holding.every((one) => one.text() !== '')).toBe(true);
    const others = await openAll(2, 5, get('/other'));
    await expect.poll(() => others.every((one) => one.text().includes('"/other"'))).toBe(true);
    expect(cutOf(others)).toBe(0);
    await expect.poll(() => cutOf(holding)).toBe(5);
    // The oldest were cut, and a newcomer of its own finds no room.
    expect(holding.slice(0, 5).every(({ isCut }) => isCut())).toBe(true);
    const more = await open(1, get('/more'));
    await expect.poll(more.isCut).toBe(true);
    expect(more.text()).toBe('');
  });

  it('of which all are at work loses some above half of the room', async () => {
    const { openAll, release } = await rig();
    const holding = await openAll(1, connectionsMax, get('/held'));
    const others = await openAll(2, 14, get('/other'));
    await expect.poll(() => cutOf(holding)).toBe(connectionsMax / 2);
    await expect.poll(() => cutOf(others)).toBe(4);
    release();
    await expect
      .poll(() => holding.filter((one) => one.text().includes('"/held"')).length)
      .toBe(10);
  });

  it('loses what is idle first', async () => {
    const { openAll, release } = await rig();
    const working = await openAll(1, 15, get('/held'));
    const idle = await openAll(1, 5);
    const others = await openAll(2, 5, get('/other'));
    await expect.poll(() => others.every((one) => one.text().includes('"/other"'))).toBe(true);
    expect([cutOf(working), cutOf(idle)]).toEqual([0, 5]);
    release();
    await expect.poll(() => working.every((one) => one.text().includes('"/held"'))).toBe(true);
  });

  it('over TLS keeps no other out, and what is at work stays', async () => {
    const { cert, key } = await (await createAuthority()).issue('localhost', 'IP:127.0.0.1');
    const { openAll, release } = await rig({ tls: { cert, key, clientCa: undefined } });
    const working = await openAll(1, 8, get('/held'));
    const idle = await openAll(1, 12);
    const others = await openAll(2, 5, get('/other'));
    await expect.poll(() => others.every((one) => one.text().includes('"/other"'))).toBe(true);
    await expect.poll(() => cutOf(idle)).toBe(5);
    expect(cutOf(working)).toBe(0);
    release();
    await expect.poll(() => working.every((one) => one.text().includes('"/held"'))).toBe(true);
  });
});

it('a proxy of ours keeps its connections, whose clients are many', async () => {
  const { openAll } = await rig({ isProxy: ({ text }) => text === '127.0.0.1' });
  const proxy = await openAll(1, connectionsMax - 2, get('/'));
  const stranger = await openAll(2, 2);
  const late = await openAll(3, 1, get('/late'));
  await expect.poll(() => late[0]?.text()).toContain('"/late"');
  await expect.poll(() => cutOf(stranger)).toBe(1);
  // Now each stranger has one: another finds no room, and the proxy finds it with theirs.
  const [refused] = await openAll(4, 1, get('/refused'));
  await expect.poll(() => refused?.isCut()).toBe(true);
  const [more] = await openAll(1, 1, get('/more'));
  await expect.poll(() => more?.text()).toContain('"/more"');
  expect(cutOf(proxy)).toBe(0);
});

it('room that was left is taken again', async () => {
  const { openAll } = await rig();
  const first = await openAll(1, connectionsMax, get('/'));
  for (const { socket } of first) socket.destroy();
  await Promise.all(first.map(({ socket }) => socket.closed || once(socket, 'close')));
  await letServerRead();
  const second = await openAll(1, connectionsMax, get('/again'));
  await expect
    .poll(() => second.filter((one) => one.text().includes('"/again"')).length)
    .toBe(connectionsMax);
});
