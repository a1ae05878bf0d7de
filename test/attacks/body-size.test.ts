/**
 * Bodies that lie about their size, over real sockets: chunks without a length, a length that is
 * not kept, compression, a caller who stops half way. The gateway must answer, within its bounds,
 * and a refused caller must be able to read why.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { admitHead } from '../../gateway/admit/head.ts';
import { readBody } from '../../gateway/admit/read-body.ts';
import { Refusal } from '../../gateway/decision.ts';

const bytesMax = 1000;
let server: Server;
let deadline: AbortController;
const verdicts: string[] = [];
const sockets: Socket[] = [];

async function verdictOf(request: IncomingMessage): Promise<string> {
  const [path = '', search = ''] = (request.url ?? '').split('?');
  const decision = admitHead(
    { method: request.method ?? '', path, search, headers: { raw: request.rawHeaders } },
    { expectedPath: '/graphql', bodyBytesMax: bytesMax },
  );
  if (decision.kind === 'refused') return decision.refusal.reason;
  const body = await readBody(request, { bytesMax, deadline: deadline.signal });
  return body instanceof Refusal ? body.reason : `read ${body.byteLength}`;
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const verdict = await verdictOf(request);
    verdicts.push(verdict);
    server.emit('verdict');
    response.setHeader('connection', 'close').end(verdict);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  verdicts.length = 0;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** Sends bytes and stays connected; `answer` is all that came back when the other side closed. */
function send(headers: string[], ...parts: (string | Uint8Array)[]) {
  deadline = new AbortController();
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  const lines = ['POST /graphql HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...headers];
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  for (const part of parts) socket.write(part);
  let text = '';
  const { promise: answer, resolve } = Promise.withResolvers<string>();
  socket.setEncoding('latin1').on('data', (data) => {
    text += data;
  });
  socket.on('error', (error) => {
    text += `error ${error.message}`;
  });
  socket.on('close', () => resolve(text));
  return { socket, answer };
}

const chunk = (bytes: number): string => `${bytes.toString(16)}\r\n${'a'.repeat(bytes)}\r\n`;
const chunked = 'Transfer-Encoding: chunked';

describe('bodies that lie about their size', () => {
  test('chunks within the cap are read', async () => {
    const { answer } = send([chunked], chunk(400), chunk(600), '0\r\n\r\n');
    expect(await answer).toMatch(/read 1000$/m);
  });

  test('chunks over the cap are refused before the body ends, and the caller hears of it', async () => {
    const { answer } = send([chunked], chunk(400), chunk(601));
    expect(await answer).toMatch(/admit\/body-too-large$/m);
  });

  test('a length over the cap is refused without reading', async () => {
    const { answer } = send(['Content-Length: 1001']);
    expect(await answer).toMatch(/admit\/body-too-large$/m);
  });

  test('bytes past the length are no part of the body', async () => {
    const verdict = once(server, 'verdict');
    const { answer } = send(['Content-Length: 10'], 'a'.repeat(5000));
    await Promise.all([verdict, answer]);
    expect(verdicts).toEqual(['read 10']);
  });

  test('a length that is never reached ends with the deadline', async () => {
    const { answer } = send(['Content-Length: 10'], 'aaa');
    await once(server, 'request');
    deadline.abort();
    expect(await answer).toMatch(/admit\/body-timeout$/m);
  });

  test('a caller who goes half way is not a fault', async () => {
    const { socket } = send(['Content-Length: 10'], 'aaa');
    await once(server, 'request');
    const verdict = once(server, 'verdict');
    socket.destroy();
    await verdict;
    expect(verdicts).toEqual(['gateway/closed-by-caller']);
  });

  test.each(['gzip', 'br', 'deflate', 'identity, gzip', 'x-gzip', ''])(
    'content encoding %j is refused',
    async (encoding) => {
      const bomb = gzipSync(new Uint8Array(100_000));
      const headers = [`Content-Encoding: ${encoding}`, `Content-Length: ${bomb.byteLength}`];
      expect(await send(headers, bomb).answer).toMatch(/admit\/content-encoding$/m);
    },
  );

  test.each(['gzip, chunked', 'deflate,Chunked', 'x, chunked'])(
    'transfer coding %j is refused: another reader would undo it, and read another body',
    async (coding) => {
      const headers = [`Transfer-Encoding: ${coding}`];
      expect(await send(headers, chunk(2), '0\r\n\r\n').answer).toMatch(/admit\/body-malformed$/m);
    },
  );

  test('a transfer coding on a line of its own is refused', async () => {
    const headers = ['Transfer-Encoding: gzip', chunked];
    expect(await send(headers, chunk(2), '0\r\n\r\n').answer).toMatch(/admit\/body-malformed$/m);
  });

  test('a second content encoding does not hide behind the first', async () => {
    const headers = ['Content-Encoding: identity', 'Content-Encoding: gzip', 'Content-Length: 2'];
    expect(await send(headers, '{}').answer).toMatch(/admit\/content-encoding$/m);
  });
});
