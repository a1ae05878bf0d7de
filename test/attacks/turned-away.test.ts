/**
 * Whoever is turned away in a flood is answered with bytes made before, past Node's own writing of
 * answers: nobody may use that to get another's answer, to have a body taken for a request, or to
 * hold the gateway up. On raw sockets.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Gateway, Inbound } from '../../gateway/gateway-options.ts';
import type { TlsTexts } from '../../gateway/http/client-certificate.ts';
import { startServer } from '../../gateway/http/server.ts';
import { createAuthority } from '../support/certificates.ts';
import { get, letServerRead, post, talk } from '../support/raw-http.ts';

const shed = { status: 503, headers: { 'retry-after': '1' }, body: '{"shed":true}' };
const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';

/** Turns away what is sent to /away; anything else is answered with its path and body. */
async function rig(options: { room?: () => number; slowMs?: number; tls?: TlsTexts } = {}) {
  const seen: string[] = [];
  const asBytes: string[] = [];
  const gateway: Gateway = {
    async handle(inbound, send) {
      if (inbound.protocolRefusal !== undefined) {
        seen.push(inbound.protocolRefusal.reason);
        await send({ status: 400, headers: {}, body: '' });
        return;
      }
      seen.push(`${inbound.method} ${inbound.path}`);
      if (inbound.path !== '/away') {
        await sleep(options.slowMs ?? 0);
        const body = `${inbound.path}:${await bodyOf(inbound)}`;
        await send({ status: 200, headers: {}, body });
      } else if (inbound.turnAway?.(shed, Date.now()) === true) asBytes.push(inbound.method);
      else await send(shed);
    },
  };
  const server = await startServer(gateway, {
    host: '127.0.0.1',
    port: 0,
    tls: options.tls,
    room: options.room ?? (() => 1_000),
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= server.close(1_000);
    return closing;
  };
  onTestFinished(close);
  return { port: server.port, close, seen, asBytes, heldBack: server.heldBack };
}

async function bodyOf({ body }: Inbound): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const away = `503 ${shed.body}`;

describe('pipelined requests', () => {
  it('are answered in their order, whoever of them is turned away', async () => {
    const { port, asBytes } = await rig({ slowMs: 20 });
    const { socket, answers } = talk(port);
    socket.write(
      [
        get('/away'),
        get('/one'),
        post('/away', smuggled),
        post('/two', 'mine'),
        get('/away'),
        get('/three'),
      ].join(''),
    );
    await expect.poll(answers).toHaveLength(6);
    expect(answers()).toEqual([away, '200 /one:', away, '200 /two:mine', away, '200 /three:']);
    // The others had to wait for an answer before theirs.
    expect(asBytes).toEqual(['GET']);
  });

  it('of one who does not read are not answered without end', async () => {
    const { port, seen } = await rig();
    const { socket } = talk(port);
    socket.pause();
    const many = get('/away').repeat(1_000);
    for (let round = 0; round < 200 && !socket.destroyed; round += 1) socket.write(many);
    let before = -1;
    while (before !== seen.length) {
      before = seen.length;
      await letServerRead();
    }
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(100_000);
  });
});

describe('the body of a request that was turned away', () => {
  it('is not taken for a request, whether it comes at once or late', async () => {
    const { port, seen, asBytes } = await rig();
    const { socket, answers } = talk(port);
    socket.write(post('/away', smuggled) + get('/next'));
    await expect.poll(answers).toHaveLength(2);
    const late = post('/away', smuggled);
    socket.write(late.slice(0, -smuggled.length));
    await expect.poll(answers).toHaveLength(3);
    socket.write(smuggled.slice(0, 10));
    await letServerRead();
    socket.write(smuggled.slice(10) + get('/last'));
    await expect.poll(answers).toHaveLength(4);
    expect(answers()).toEqual([away, '200 /next:', away, '200 /last:']);
    expect(seen).toEqual(['POST /away', 'GET /next', 'POST /away', 'GET /last']);
    expect(asBytes).toEqual(['POST', 'POST']);
  });

  it('that never comes does not keep the gateway from stopping', async () => {
    const { port, close } = await rig();
    const { socket, answers, closed } = talk(port);
    socket.write(post('/away', smuggled).slice(0, -1));
    await expect.poll(answers).toEqual([away]);
    await Promise.all([close(), closed]);
  });
});

describe('what is special about a connection goes the usual way', () => {
  const chunked = `${smuggled.length.toString(16)}\r\n${smuggled}\r\n0\r\n\r\n`;
  const cases = [
    { name: 'HEAD', sent: 'HEAD /away HTTP/1.1\r\nHost: x\r\n\r\n' },
    { name: 'HTTP/1.0', sent: 'GET /away HTTP/1.0\r\n\r\n' },
    { name: 'HTTP/1.0 that stays', sent: 'GET /away HTTP/1.0\r\nConnection: keep-alive\r\n\r\n' },
    { name: 'a last request', sent: get('/away', 'Connection: close\r\n') },
    { name: 'an expectation', sent: get('/away', 'Expect: 100-continue\r\n') },
    { name: 'another expectation', sent: get('/away', 'EXPECT: miracles\r\n') },
    {
      name: 'a body of unknown length',
      sent: `POST /away HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`,
    },
    {
      name: 'a body that is long',
      sent: `POST /away HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n${smuggled}`,
    },
  ];

  it.each(cases)('$name', async ({ sent }) => {
    const { port, seen, asBytes } = await rig();
    const { socket, text, closed } = talk(port);
    socket.write(sent);
    await expect.poll(text).toContain('HTTP/1.1 503');
    socket.end();
    await closed;
    expect(text().match(/HTTP\/1\.1 503/g)).toHaveLength(1);
    expect(text().includes(shed.body)).toBe(!sent.startsWith('HEAD'));
    expect(seen).toHaveLength(1);
    expect(asBytes).toEqual([]);
  });

  it.each([
    { name: 'two lengths', sent: 'Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello' },
    {
      name: 'a length and chunks',
      sent: 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n',
    },
    { name: 'a length with a sign', sent: 'Content-Length: +5\r\n\r\nhello' },
    { name: 'a folded line', sent: 'Content-Length: 5\r\n Transfer-Encoding: chunked\r\n\r\n' },
  ])('$name does not get here as a request', async ({ sent }) => {
    const { port, seen } = await rig();
    const { socket, text, closed } = talk(port);
    socket.write(`POST /away HTTP/1.1\r\nHost: x\r\n${sent}${smuggled}`);
    await closed;
    expect(text()).toMatch(/^HTTP\/1\.1 400/);
    expect(seen).toEqual(['admit/http-malformed']);
  });
});

describe('a connection that is held back', () => {
  it('is read again when its time has come, without room', async () => {
    const { port, seen } = await rig({ room: () => 0 });
    const { socket, answers } = talk(port);
    socket.write(get('/away'));
    await expect.poll(answers).toHaveLength(1);
    await letServerRead();
    socket.write(get('/next'));
    await expect.poll(answers, { timeout: 5_000 }).toEqual([away, '200 /next:']);
    expect(seen).toHaveLength(2);
  });

  it('is counted until it is read again', async () => {
    let room = 0;
    const { port, heldBack } = await rig({ room: () => room });
    expect(heldBack()).toBe(0);
    const talks = Array.from({ length: 100 }, () => talk(port));
    for (const { socket } of talks) socket.write(get('/away'));
    await expect.poll(heldBack, { interval: 1 }).toBeGreaterThan(0);
    room = 1_000;
    await expect.poll(() => talks.every(({ answers }) => answers().length === 1)).toBe(true);
    await expect.poll(heldBack).toBe(0);
  });

  it('is not held with a request that is being worked on', async () => {
    const { port } = await rig({ room: () => 0, slowMs: 10 });
    const { socket, answers } = talk(port);
    const walked = post('/walked', 'x'.repeat(50_000));
    socket.write(get('/away') + walked.slice(0, 2_000));
    await letServerRead();
    socket.write(walked.slice(2_000));
    await expect.poll(answers).toHaveLength(2);
    expect(answers()[1]).toContain('200 /walked:xxx');
  });

  it('lets a request that waits be answered as its last when the gateway stops', async () => {
    const { port, close } = await rig({ room: () => 0 });
    // One after the other they are held for longer and longer.
    const talks = Array.from({ length: 300 }, () => talk(port));
    for (const { socket } of talks) socket.write(get('/away'));
    await expect.poll(() => talks.every(({ answers }) => answers().length === 1)).toBe(true);
    await letServerRead();
    for (const { socket } of talks) socket.write(get('/last'));
    await letServerRead();
    await close();
    await Promise.all(talks.map(({ closed }) => closed));
    for (const { answers } of talks) expect(answers()).toEqual([away, '200 /last:']);
  });

  it('is one over TLS as well', async () => {
    const authority = await createAuthority();
    const tls = await authority.issue('gateway', 'IP:127.0.0.1');
    const { port, asBytes } = await rig({ room: () => 0, tls });
    const open = () => connectTls({ port, host: '127.0.0.1', ca: authority.cert });
    const { socket, answers } = talk(port, open);
    socket.write(post('/away', smuggled) + get('/away'));
    await expect.poll(answers).toEqual([away, away]);
    await letServerRead();
    socket.write(get('/next'));
    await expect.poll(answers, { timeout: 5_000 }).toEqual([away, away, '200 /next:']);
    expect(asBytes).toEqual(['POST', 'GET']);
  });
});
