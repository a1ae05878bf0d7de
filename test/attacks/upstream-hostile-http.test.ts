/**
 * An upstream that answers with 150 MB, in a million pieces, compressed, elsewhere, too slowly or
 * not to the end. Each ends the call with a failure; none costs more memory than the cap.
 */
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createTransport } from '../../gateway/delegate/transport/transport.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import { newContext, startHttp } from '../support/delegation.ts';

const capBytes = 1_000_000;
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

async function call(
  answer: (response: ServerResponse, url: string | undefined) => void,
  about: { timeoutMs?: number } = {},
) {
  const upstream = await startHttp(({ url }, response) => answer(response, url));
  const transport = createTransport(
    {
      upstream: 'up',
      url: upstream.url,
      timeoutMs: about.timeoutMs ?? 10_000,
      responseBytesMax: capBytes,
    },
    { now: Date.now },
  );
  opened.push(upstream, transport);
  const context = newContext();
  const outcome: unknown = await transport
    .send({ method: 'GET', path: '/', label: 'GET /' }, context)
    .catch((error: unknown) => error);
  const failure = outcome instanceof UpstreamFailure ? `${outcome.code} ${outcome.why}` : outcome;
  return { failure, record: context.record.upstreamCalls[0], requests: upstream.requests };
}

/** Writes until 150 MB are out or the other side has hung up; tells how much went. */
function flood(response: ServerResponse, piece: Buffer, done: (sentBytes: number) => void): void {
  let sentBytes = 0;
  const pump = (): void => {
    while (sentBytes < 150_000_000 && !response.destroyed) {
      sentBytes += piece.length;
      if (!response.write(piece)) return void response.once('drain', pump);
    }
    response.end();
  };
  response.once('close', () => done(sentBytes));
  pump();
}

describe('an answer past the cap', () => {
  it('is cut off while it streams, at the cost of the cap', async () => {
    const sent = Promise.withResolvers<number>();
    const beforeBytes = process.memoryUsage().arrayBuffers;
    const { failure, record } = await call((response) =>
      flood(response, Buffer.alloc(65_536, 32), sent.resolve),
    );
    const growthBytes = process.memoryUsage().arrayBuffers - beforeBytes;
    expect(failure).toBe('UPSTREAM_FAILED answer too large');
    expect(record).toMatchObject({ status: 200, failure: 'answer too large' });
    expect(record?.responseBytes).toBeLessThan(capBytes + 1_000_000);
    // The rest was never taken: what went out is the cap and the sockets' buffers.
    expect(await sent.promise).toBeLessThan(50_000_000);
    expect(growthBytes).toBeLessThan(50_000_000);
  });

  it('is refused by its declared length before a byte is read', async () => {
    const { failure, record } = await call((response) => {
      response.writeHead(200, { 'content-length': '150000000' });
      response.write('x');
    });
    expect(failure).toBe('UPSTREAM_FAILED answer too large');
    expect(record?.responseBytes).toBe(0);
  });

  it('may be as large as the cap, and not one byte larger', async () => {
    const fits = await call((response) => response.end('x'.repeat(capBytes)));
    expect(fits.failure).toMatchObject({ status: 200 });
    const over = await call((response) => {
      response.write('x'.repeat(capBytes));
      response.end('x');
    });
    expect(over.failure).toBe('UPSTREAM_FAILED answer too large');
  });

  it('costs no object per piece', async () => {
    const pieces = Buffer.from('1\r\nx\r\n'.repeat(200_000));
    const { failure, record } = await call((response) => {
      response.socket?.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      response.socket?.write(pieces);
      response.socket?.end('0\r\n\r\n');
    });
    expect(failure).toMatchObject({ status: 200, body: 'x'.repeat(200_000) });
    expect(record?.responseBytes).toBe(200_000);
  });
});

describe('an answer that is not plain', () => {
  const cases: { name: string; given: (response: ServerResponse) => void; expect: string }[] = [
    ...[300, 301, 302, 303, 304, 307, 308].map((status) => ({
      name: `a redirect (${status})`,
      given: (response: ServerResponse) =>
        void response.writeHead(status, { location: '/elsewhere' }).end(),
      expect: 'UPSTREAM_FAILED redirect refused',
    })),
    {
      name: 'a compressed body',
      given: (response) => void response.setHeader('content-encoding', 'gzip').end(gzipSync('{}')),
      expect: 'UPSTREAM_FAILED content encoding refused',
    },
    {
      name: 'bytes that are no UTF-8',
      given: (response) => void response.end(Buffer.from([0x22, 0xff, 0xfe, 0x22])),
      expect: 'UPSTREAM_FAILED answer is not UTF-8',
    },
    {
      name: 'a body that stops in the middle',
      given: (response) => {
        response.writeHead(200, { 'content-length': '100' });
        response.write('{"data":', () => response.destroy());
      },
      expect: 'UPSTREAM_FAILED connection failed (UND_ERR_SOCKET)',
    },
    {
      name: 'a chunked body that stops in the middle',
      given: (response) => void response.write('{"data":', () => response.destroy()),
      expect: 'UPSTREAM_FAILED connection failed (UND_ERR_SOCKET)',
    },
    {
      name: 'no HTTP',
      given: (response) => void response.socket?.end('SSH-2.0-OpenSSH_9.6\r\n'),
      expect: 'UPSTREAM_FAILED connection failed (answer is not HTTP)',
    },
    {
      name: 'headers without end',
      given: (response) =>
        void response.socket?.write(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(100_000)}`),
      expect: 'UPSTREAM_FAILED connection failed (UND_ERR_HEADERS_OVERFLOW)',
    },
  ];
  it.each(cases)('$name', async ({ given, expect: wanted }) => {
    const { failure, requests } = await call(given);
    expect(failure).toBe(wanted);
    expect(requests.map(({ url }) => url)).toEqual(['/']);
  });
});

describe('an answer that is slow', () => {
  const cases: { name: string; given: (response: ServerResponse) => void; expect: object }[] = [
    { name: 'before its headers', given: () => undefined, expect: { status: 0, responseBytes: 0 } },
    {
      name: 'after its headers',
      given: (response) => void response.writeHead(200, { 'content-length': '9' }).flushHeaders(),
      expect: { status: 200, responseBytes: 0 },
    },
    {
      name: 'a byte at a time, each in good time',
      given: (response) => {
        const drip = setInterval(() => response.write(' '), 10);
        response.once('close', () => clearInterval(drip));
      },
      expect: { status: 200 },
    },
  ];
  it.each(cases)('$name', async ({ given, expect: wanted }) => {
    const { failure, record } = await call(given, { timeoutMs: 150 });
    expect(failure).toBe('UPSTREAM_TIMEOUT timeout');
    expect(record).toMatchObject({ ...wanted, failure: 'timeout' });
    expect(record?.durationMs).toBeLessThan(5000);
  });
});
