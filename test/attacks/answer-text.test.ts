/**
 * Answers go to the socket as one text, past Node's own writing: no header may end its line early,
 * no answer may be taken for another's, and whoever leaves in the middle has not been answered. On
 * raw sockets.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Gateway } from '../../gateway/gateway-options.ts';
import { toAnswerHead } from '../../gateway/http/answer-bytes.ts';
import type { TlsTexts } from '../../gateway/http/client-certificate.ts';
import { startServer } from '../../gateway/http/server.ts';
import type { Answer } from '../../gateway/shape/answer.ts';
import { encode } from '../../gateway/shape/utf8.ts';
import { createAuthority } from '../support/certificates.ts';
import { letServerRead, post, talk } from '../support/raw-http.ts';

/** More than the systems on both sides keep. */
const large = 64 * 1024 * 1024;
const clock = { nowMs: 0, keepAliveMs: 65_000 };

/** Reads the body, then answers as told for the path; what became of each answer is kept. */
async function rig(answerTo: (path: string) => Answer, tls?: TlsTexts) {
  const outcomes: boolean[] = [];
  const gateway: Gateway = {
    async handle({ path, body }, send) {
      for await (const _ of body);
      outcomes.push((await send(answerTo(path))).aborted);
    },
  };
  const server = await startServer(gateway, { host: '127.0.0.1', port: 0, tls });
  onTestFinished(() => server.close(100));
  return { port: server.port, outcomes, close: server.close };
}

const ask = (path: string, more = ''): string => post(path, '{}', more);
const plain = (body: string, headers: Answer['headers'] = {}): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json', ...headers },
  body,
});

describe('an answer', () => {
  it('whose bytes are made beforehand is whole, in turn with others, and as long as it says', async () => {
    const body = JSON.stringify({ ssn: '•••••••4321'.repeat(1_000) });
    const { bodyBytes, utf8 } = encode(body);
    expect(utf8).toBeDefined();
    const { port, outcomes } = await rig((path) =>
      path === '/masked' ? { ...plain(body), bodyBytes, utf8 } : plain('"after"'),
    );
    const { socket, bytes, text } = talk(port);
    socket.write(ask('/masked') + ask('/next'));
    await expect.poll(text).toContain('"after"');
    const whole = Buffer.from(text(), 'utf8');
    expect(whole.length).toBe(bytes());
    const start = whole.indexOf('\r\n\r\n') + 4;
    expect(whole.subarray(0, start).toString()).toContain(`content-length: ${bodyBytes}\r\n`);
    expect(whole.subarray(start, start + bodyBytes).toString()).toBe(body);
    expect(whole.subarray(start + bodyBytes, start + bodyBytes + 8).toString()).toBe('HTTP/1.1');
    expect(outcomes).toEqual([false, false]);
  });

  it('is a whole HTTP answer, and its connection stays', async () => {
    const { port, outcomes } = await rig((path) => plain(`"${path}"`));
    const { socket, text } = talk(port);
    socket.write(ask('/one'));
    await expect.poll(text).toContain('"/one"');
    const [head = '', body] = text().split('\r\n\r\n');
    const lines = head.split('\r\n');
    expect(lines[0]).toBe('HTTP/1.1 200 OK');
    expect(lines).toContain('content-type: application/json');
    expect(lines).toContain('content-length: 6');
    expect(lines.some((line) => /^Date: \w{3}, \d\d \w{3} \d{4} /.test(line))).toBe(true);
    expect(body).toBe('"/one"');
    socket.write(ask('/two'));
    await expect.poll(text).toContain('"/two"');
    expect(outcomes).toEqual([false, false]);
  });

  it('without a body does not say how long it is', async () => {
    const { port } = await rig(() => ({ status: 204, headers: {}, body: '' }));
    const { socket, text } = talk(port);
    socket.write(ask('/') + ask('/', 'Expect: 100-continue\r\n'));
    await expect.poll(() => text().match(/HTTP\/1\.1 204 No Content/g)).toHaveLength(2);
    expect(text()).not.toMatch(/content-length|transfer-encoding/i);
  });

  it('is as long as it says where signs take several bytes', async () => {
    const { port } = await rig(() => plain('"•é😀"'));
    const { socket, text } = talk(port);
    socket.write(ask('/') + ask('/'));
    await expect.poll(() => text().split('"•é😀"').length).toBe(3);
    expect(text().match(/content-length: 11\r\n/g)).toHaveLength(2);
  });

  it.each([
    ['dots', '•', 1_000],
    ['pairs', '😀', 1_023],
    ['accents', 'é', 3_000],
    ['half a pair', '\ud800•', 3_000],
    ['too much of it', '王', 200_000],
  ])('is as long as it says where it is long: %s', async (_, sign, count) => {
    const wide = sign.repeat(count);
    const { port } = await rig((path) => plain(`"${path}${wide}"`));
    const { socket, text } = talk(port);
    // One after the other on one connection: the second would begin in the wrong place.
    socket.write(ask('/one') + ask('/two'));
    const told = wide.toWellFormed();
    await expect.poll(() => text().endsWith(`"/two${told}"`), { timeout: 20_000 }).toBe(true);
    const bytes = Buffer.byteLength(`"/one${wide}"`);
    expect(text().match(/content-length: \d+/g)).toEqual([
      `content-length: ${bytes}`,
      `content-length: ${bytes}`,
    ]);
    expect(text()).toContain(`"/one${told}"HTTP/1.1 200 OK`);
  });

  it('waits for its turn on a connection that asks again and again', async () => {
    const { port } = await rig((path) => plain(`"${path}"`));
    const { socket, text } = talk(port);
    const paths = Array.from({ length: 20 }, (_, index) => `/${index}`);
    socket.write(paths.map((path) => ask(path)).join(''));
    await expect.poll(() => text().match(/"\/\d+"/g)?.length).toBe(20);
    expect(text().match(/"\/\d+"/g)).toEqual(paths.map((path) => `"${path}"`));
  });

  it('goes the way of Node where leave to send the body is waited for', async () => {
    const { port, outcomes } = await rig(() => plain('"mine"'));
    const { socket, text } = talk(port);
    socket.write(ask('/', 'Expect: 100-continue\r\n'));
    await expect.poll(text).toContain('"mine"');
    expect(text().match(/HTTP\/1\.1 200 OK/g)).toHaveLength(1);
    await expect.poll(() => outcomes).toEqual([false]);
  });

  it('to who will not ask again ends the connection', async () => {
    const { port, outcomes } = await rig(() => plain('"mine"'));
    const { socket, text } = talk(port);
    const ended = once(socket, 'end');
    socket.write(ask('/', 'Connection: close\r\n'));
    await ended;
    const [head = '', body] = text().split('\r\n\r\n');
    expect(head.split('\r\n')).toContain('Connection: close');
    expect(head).not.toMatch(/keep-alive/i);
    expect(body).toBe('"mine"');
    expect(outcomes).toEqual([false]);
  });

  it('to HTTP/1.0 ends the connection, unless it is asked to stay', async () => {
    const { port, outcomes } = await rig((path) => plain(`"${path}"`));
    const [ends, stays] = [talk(port), talk(port)];
    const ended = once(ends.socket, 'end');
    ends.socket.write('GET /ends HTTP/1.0\r\n\r\n');
    await ended;
    expect(ends.text()).toMatch(
      /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\nConnection: close\r\n\r\n"\/ends"$/,
    );
    const again = 'GET /stays HTTP/1.0\r\nConnection: keep-alive\r\n\r\n';
    stays.socket.write(again);
    await expect.poll(stays.text).toContain('"/stays"');
    stays.socket.write(again);
    await expect.poll(() => stays.text().match(/Connection: keep-alive/g)).toHaveLength(2);
    expect(outcomes).toEqual([false, false, false]);
  });

  it('does not wait for all that a flood has sent in the meantime', async () => {
    let handled = 0;
    /** By answer: how many others were handled before it was sent. */
    const others: number[] = [];
    const gateway: Gateway = {
      async handle({ body }, send) {
        for await (const _ of body);
        const readyMs = performance.now() + 4;
        while (performance.now() < readyMs);
        handled += 1;
        const before = handled;
        await send(plain('{}'));
        others.push(handled - before);
      },
    };
    const server = await startServer(gateway, { host: '127.0.0.1', port: 0, tls: undefined });
    onTestFinished(() => server.close(100));
    const sockets = Array.from({ length: 50 }, () => talk(server.port).socket);
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    await letServerRead();
    // All of it can be read when the event loop next looks.
    for (const socket of sockets) socket.write(ask('/'));
    await expect.poll(() => others.length, { timeout: 5_000 }).toBe(50);
    expect(Math.max(...others)).toBeLessThan(10);
  });

  it('reaches who says over TLS in the same breath that nothing more will come', async () => {
    const authority = await createAuthority();
    const { cert, key } = await authority.issue('localhost', 'IP:127.0.0.1');
    const tls = { cert, key, clientCa: undefined };
    const { port, outcomes } = await rig((path) => plain(`"${path}"`), tls);
    const socket = connectTls({ port, host: '127.0.0.1', ca: authority.cert });
    onTestFinished(() => void socket.destroy());
    let text = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await once(socket, 'secureConnect');
    socket.end(ask('/last'));
    await once(socket, 'end');
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*"\/last"$/);
    expect(outcomes).toEqual([false]);
  });

  it('that a caller does not wait for was not given', async () => {
    const { port, outcomes } = await rig(() => plain('x'.repeat(large)));
    const { socket, bytes } = talk(port);
    socket.write(ask('/'));
    await expect.poll(() => bytes() > 0, { timeout: 5_000 }).toBe(true);
    socket.destroy();
    await expect.poll(() => outcomes, { timeout: 5_000 }).toEqual([true]);
  });

  it('that is long is taken whole, however slowly', async () => {
    const asked = Promise.withResolvers<void>();
    const { port, outcomes } = await rig(() => {
      asked.resolve();
      return plain('x'.repeat(8 * 1024 * 1024));
    });
    const { socket, bytes } = talk(port);
    socket.write(ask('/'));
    socket.pause();
    await asked.promise;
    await letServerRead();
    expect(outcomes).toEqual([]);
    socket.resume();
    await expect.poll(() => bytes() > 8 * 1024 * 1024, { timeout: 10_000 }).toBe(true);
    await expect.poll(() => outcomes).toEqual([false]);
  });

  it('that is under way when the server closes is the last of its connection', async () => {
    const { port, outcomes, close } = await rig(() => plain('x'.repeat(large)));
    const { socket, bytes } = talk(port);
    socket.write(ask('/'));
    await expect.poll(() => bytes() > 0, { timeout: 10_000 }).toBe(true);
    socket.pause();
    const closed = close(60_000);
    await letServerRead();
    socket.resume();
    await expect.poll(() => bytes() > large, { timeout: 10_000 }).toBe(true);
    expect(outcomes).toEqual([false]);
    await closed;
  });

  it('does not end its connection when the server closes while another waits behind it', async () => {
    const turns = new Map(['/1', '/2', '/3'].map((path) => [path, Promise.withResolvers<void>()]));
    const outcomes: boolean[] = [];
    const asked: string[] = [];
    const gateway: Gateway = {
      async handle({ path }, send) {
        asked.push(path);
        await turns.get(path)?.promise;
        outcomes.push((await send(plain(`"${path}"`))).aborted);
      },
    };
    const server = await startServer(gateway, { host: '127.0.0.1', port: 0, tls: undefined });
    const { socket, text } = talk(server.port);
    socket.write(ask('/1') + ask('/2') + ask('/3'));
    turns.get('/2')?.resolve();
    await expect.poll(() => asked, { timeout: 10_000 }).toEqual(['/1', '/2', '/3']);
    const closed = server.close(60_000);
    turns.get('/1')?.resolve();
    await expect.poll(text, { timeout: 10_000 }).toContain('"/2"');
    turns.get('/3')?.resolve();
    await closed;
    await expect.poll(text, { timeout: 10_000 }).toContain('"/3"');
    expect(
      text()
        .match(/Connection: [\w-]+/g)
        ?.map((line) => line.slice(12)),
    ).toEqual(['keep-alive', 'keep-alive', 'close']);
    expect(outcomes).toEqual([false, false, false]);
  });

  it('is not cut on its way as idle, whatever the version of HTTP', async () => {
    await Promise.all(
      ['1.0', '1.1'].map(async (version) => {
        const { port, outcomes, close } = await rig(() => plain('x'.repeat(large)));
        const { socket, bytes } = talk(port);
        await once(socket, 'connect');
        const closed = close(60_000, 1_000);
        socket.write(ask('/').replace('1.1', version));
        await expect.poll(() => bytes() > 0, { timeout: 10_000 }).toBe(true);
        socket.pause();
        await sleep(1_200);
        socket.resume();
        await expect.poll(() => bytes() > large, { timeout: 10_000 }).toBe(true);
        await closed;
        expect(outcomes).toEqual([false]);
      }),
    );
  });
});

describe('a header', () => {
  it.each(['a\r\nset-cookie: x=1', 'a\nb', 'a\0', 'é', 'a\r\n\r\n{}'])(
    'of %j is left to Node, which refuses it',
    (value) => {
      expect(toAnswerHead(plain('{}', { 'x-of': value }), 2, clock)).toBeUndefined();
    },
  );

  it('that Node refuses costs its caller the connection, and no other', async () => {
    const gateway: Gateway = {
      async handle({ path, body }, send) {
        for await (const _ of body);
        try {
          await send(plain('{}', { 'x-of': path === '/bad' ? 'a\nb' : 'ab' }));
        } catch {
          // As the walk, which can do no more.
        }
      },
    };
    const server = await startServer(gateway, { host: '127.0.0.1', port: 0, tls: undefined });
    onTestFinished(() => server.close(100));
    const [bad, good] = [talk(server.port), talk(server.port)];
    const closed = once(bad.socket, 'close');
    bad.socket.write(ask('/bad'));
    await closed;
    expect(bad.text()).toBe('');
    good.socket.write(ask('/good'));
    await expect.poll(good.text).toContain('x-of: ab');
  });

  it('of printable signs is written as it is', () => {
    const text = toAnswerHead(plain('{}', { 'x-of': '"a";q=1\t, b' }), 2, clock);
    expect(text).toContain('\r\nx-of: "a";q=1\t, b\r\n');
  });
});
