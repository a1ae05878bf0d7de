/**
 * An upstream that writes bytes as no server would: answers that nobody asked for, two lengths,
 * interim answers without end, connections that close when a request is on its way. No answer is
 * taken for another's, nothing is sent twice, and each call ends.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createTransport } from '../../gateway/delegate/transport/transport.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { newContext } from '../support/delegation.ts';

const head = (...lines: string[]): string => [...lines, '', ''].join('\r\n');
const plain = (body: string): string =>
  head('HTTP/1.1 200 OK', 'content-type: application/json', `content-length: ${body.length}`) +
  body;
const right = plain('{"mine":1}');
const evil = plain('{"evil":1}');

/** `answer` gets the number of the request, of all and of its connection. */
async function open(answer: (socket: Socket, request: number, ofSocket: number) => void) {
  let received = 0;
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let text = '';
    let ofSocket = 0;
    socket.on('data', (bytes) => {
      text += bytes.toString('latin1');
      while (text.includes('{"ask":1}')) {
        text = text.slice(text.indexOf('{"ask":1}') + 9);
        received += 1;
        ofSocket += 1;
        answer(socket, received, ofSocket);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const transport = createTransport(
    { upstream: 'up', url, timeoutMs: 400, responseBytesMax: 10_000, connections: 1 },
    { now: Date.now },
  );
  onTestFinished(async () => {
    await transport.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const send = async (method = 'POST'): Promise<string> => {
    const headers = { 'content-type': 'application/json' };
    const request = { method, path: '/', label: 'mutation', headers, body: '{"ask":1}' };
    try {
      const { status, body } = await transport.send(request, newContext());
      return `${status} ${body}`;
    } catch (error) {
      return error instanceof UpstreamFailure ? error.why : String(error);
    }
  };
  return { send, received: () => received };
}

describe('an answer that nobody asked for', () => {
  const cases: { name: string; given: (socket: Socket) => void }[] = [
    { name: 'behind the one that was', given: (socket) => void socket.write(right + evil) },
    {
      name: 'on a connection that rests',
      given: (socket) => void socket.write(right, () => setImmediate(() => socket.write(evil))),
    },
  ];
  it.each(cases)('$name is nobody’s', async ({ given }) => {
    const { send } = await open(given);
    const outcomes: string[] = [];
    for (let call = 0; call < 5; call += 1) {
      outcomes.push(await send());
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(outcomes).toEqual(Array(5).fill('200 {"mine":1}'));
  });
});

describe('a connection that closes on a request', () => {
  const ways: { name: string; given: (socket: Socket) => void }[] = [
    { name: 'in silence', given: (socket) => void socket.end() },
    { name: 'with a reset', given: (socket) => void socket.resetAndDestroy() },
    { name: 'within its head', given: (socket) => void socket.end('HTTP/1.1 200 O') },
    { name: 'within its body', given: (socket) => void socket.end(right.slice(0, -1)) },
    { name: 'after the answer', given: (socket) => void socket.end(right) },
  ];
  const cases = ['POST', 'PATCH', 'PUT', 'DELETE'].flatMap((method) =>
    ways.map(({ name, given }) => ({ name: `${method} ${name}`, method, given })),
  );
  it.each(cases)('gets no request twice: $name', async ({ method, given }) => {
    const { send, received } = await open((socket, _, ofSocket) =>
      ofSocket === 1 ? socket.write(right) : given(socket),
    );
    await send(method);
    await Promise.all([1, 2, 3, 4, 5].map(() => send(method)));
    expect(received()).toBeLessThanOrEqual(6);
    expect(received()).toBeGreaterThan(1);
  });
});

describe('bytes that no server writes', () => {
  const early = head('HTTP/1.1 103 Early Hints', 'content-encoding: gzip', 'content-length: 5');
  const cases: { name: string; given: string; expect: RegExp; isLast?: true }[] = [
    { name: 'interim answers first', given: early.repeat(50) + right, expect: /^200 {"mine":1}$/ },
    {
      name: 'interim answers alone',
      given: early.repeat(1_000),
      expect: /^timeout$/,
    },
    {
      name: 'another protocol',
      given: head('HTTP/1.1 101 Switching Protocols', 'connection: upgrade', 'upgrade: h2c'),
      expect: /^connection failed \(answered with another protocol\)$/,
    },
    {
      name: 'a leave to continue',
      given: head('HTTP/1.1 100 Continue') + right,
      expect: /^connection failed \(answered with 100 Continue, unasked\)$/,
    },
    {
      name: 'a header name with a blank',
      given: `${head('HTTP/1.1 200 OK', 'content-length: 10', 'x y: 1')}{"mine":1}`,
      expect: /^connection failed \(answer is not HTTP\)$/,
    },
    {
      name: 'a body that ends before its length',
      given: head('HTTP/1.1 200 OK', 'content-length: 10', 'connection: close'),
      expect: /^connection failed \(UND_ERR_RES_CONTENT_LENGTH_MISMATCH\)$/,
      isLast: true,
    },
    {
      name: 'a length and chunks',
      given: `${head('HTTP/1.1 200 OK', 'content-length: 3', 'transfer-encoding: chunked')}a\r\n{"mine":1}\r\n0\r\n\r\n`,
      expect: /^connection failed \(answer is not HTTP\)$/,
    },
    {
      name: 'two lengths',
      given: `${head('HTTP/1.1 200 OK', 'content-length: 10', 'content-length: 3')}{"mine":1}`,
      expect: /^connection failed \(answer is not HTTP\)$/,
    },
    {
      name: 'a chunk of no size that there is',
      given: `${head('HTTP/1.1 200 OK', 'transfer-encoding: chunked')}ffffffffffffffffff\r\n`,
      expect: /^connection failed \(answer is not HTTP\)$/,
    },
    {
      name: 'a length among the trailers',
      given: `${head('HTTP/1.1 200 OK', 'transfer-encoding: chunked')}a\r\n{"mine":1}\r\n0\r\ncontent-length: 3\r\n\r\n`,
      expect: /^connection failed \(answer is not HTTP\)$/,
    },
    {
      name: 'one more encoding behind a plain one',
      given: `${head('HTTP/1.1 200 OK', 'content-encoding: identity', 'content-encoding: gzip', 'content-length: 10')}{"mine":1}`,
      expect: /^content encoding refused$/,
    },
    {
      name: 'a status that there is not',
      given: head('HTTP/1.1 000 No'),
      expect: /^connection failed/,
    },
    {
      name: 'a body of what has none',
      given: `${head('HTTP/1.1 204 No Content', 'content-length: 10')}{"evil":1}`,
      expect: /^204 $/,
    },
  ];
  it.each(cases)('$name', async ({ given, expect: wanted, isLast }) => {
    const { send } = await open((socket) => {
      if (isLast === true) socket.end(given);
      else socket.write(given);
    });
    expect(await send()).toMatch(wanted);
    expect(await send()).toMatch(wanted);
  });
});
