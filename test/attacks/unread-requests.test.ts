/** What no HTTP parser takes for a request was sent by somebody all the same: the trail says so. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Gateway } from '../../gateway/gateway-options.ts';
import { startServer } from '../../gateway/http/server.ts';
import { unreadOf } from '../../gateway/http/unread-request.ts';
import { createBatching } from '../../gateway/walk/batch.ts';
import { auditLines } from '../support/audit-files.ts';
import { letServerRead, portOf, post as postOf, sendRaw } from '../support/raw-http.ts';
import { playUpstream, type Served, serveFiles, smallFiles } from '../support/served.ts';

async function serve(more = ''): Promise<Served & AsyncDisposable> {
  const files = smallFiles('http://127.0.0.1:9');
  const audit = 'audit: { directory: audit, subjects: {} }\n';
  return await serveFiles({ ...files, 'gateway.yaml': `${files['gateway.yaml']}${audit}${more}` });
}

const send = (gateway: Served, text: string): Promise<string> => sendRaw(portOf(gateway.url), text);

interface Event {
  readonly status_code?: string;
  readonly http_request?: { readonly http_method?: string };
  readonly http_response?: { readonly code?: number };
  readonly src_endpoint?: { readonly ip?: string };
  readonly unmapped: { readonly gateway: { readonly decision: string; readonly reason?: string } };
}

async function requestsIn(gateway: Served): Promise<Event[]> {
  await gateway.closeOnly();
  const events = (await auditLines(join(gateway.directory, 'audit'))).map(
    (line) => JSON.parse(line) as Event,
  );
  return events.filter(({ src_endpoint }) => src_endpoint !== undefined);
}

const post = 'POST /graphql HTTP/1.1\r\nHost: x\r\n';
const cases = [
  { name: 'no HTTP at all', text: '\x16\x03\x01\x02\x00\x01\x00\r\n\r\n', status: 400 },
  {
    name: 'two lengths',
    text: `${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
    status: 400,
  },
  {
    name: 'a length and chunks',
    text: `${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    status: 400,
  },
  { name: 'two hosts', text: `${post}Host: y\r\nContent-Length: 2\r\n\r\n{}`, status: 400 },
  { name: 'no host', text: 'POST /graphql HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}', status: 400 },
  {
    name: 'chunks of HTTP/1.0',
    text: 'POST /graphql HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    status: 400,
  },
  ...['HTTP/1.0', 'HTTP/2.0'].map((version) => ({
    name: `two hosts of ${version}`,
    text: `${post.replace('HTTP/1.1', version)}Host: y\r\nContent-Length: 2\r\n\r\n{}`,
    status: 400,
  })),
  { name: 'another version', text: `${post.replace('1.1', '2.0')}\r\n`, status: 400 },
  { name: 'no version', text: 'GET /graphql\r\n\r\n', status: 400 },
  { name: 'a header without a colon', text: `${post}Secret 900-11-1111\r\n\r\n`, status: 400 },
  { name: 'headers without end', text: `${post}X: ${'x'.repeat(20_000)}\r\n\r\n`, status: 431 },
  { name: 'a tunnel', text: 'CONNECT 169.254.169.254:80 HTTP/1.1\r\nHost: x\r\n\r\n', status: 405 },
];
const reasons: Readonly<Record<number, string>> = {
  400: 'admit/http-malformed',
  405: 'admit/method',
  431: 'admit/headers-too-large',
};

describe('what is refused before it is a request', () => {
  /** What comes too slowly takes ten seconds, in which the others run. */
  let slow: { readonly gateway: Served; readonly answer: Promise<string> };
  beforeAll(async () => {
    const gateway = await serve();
    slow = { gateway, answer: send(gateway, `${post}Content-Type: appl`) };
  });
  afterAll(() => slow.gateway.close());

  it.each(cases)('$name', async ({ text, status }) => {
    await using gateway = await serve();
    const answer = await send(gateway, text);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(answer.toLowerCase()).toContain('connection: close\r\n');
    expect(answer).toContain('cache-control: no-store\r\n');
    const events = await requestsIn(gateway);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      http_response: { code: status },
      src_endpoint: { ip: '127.0.0.1' },
      unmapped: { gateway: { decision: 'request_rejected', reason: reasons[status] } },
    });
    expect(JSON.stringify(events)).not.toContain('900-11');
    expect(gateway.lines.filter(({ kind }) => kind === 'request')).toMatchObject([
      { status, reason: reasons[status] },
    ]);
  });

  it('is counted in a flood, and not written one by one', async () => {
    await using gateway = await serve();
    await Promise.all(Array.from({ length: 100 }, () => send(gateway, 'nonsense\r\n\r\n')));
    const events = await requestsIn(gateway);
    expect(events.length).toBeLessThan(100);
  });

  it('is no word about a connection on which nothing was sent, or that broke', async () => {
    await using gateway = await serve();
    for (const text of ['', 'POST /gra']) {
      const socket = connect(portOf(gateway.url), '127.0.0.1');
      await once(socket, 'connect');
      if (text !== '') socket.write(text);
      await letServerRead();
      socket.resetAndDestroy();
    }
    await letServerRead();
    expect(await requestsIn(gateway)).toEqual([]);
  });

  it('takes nothing from a request that was to be the last of its connection', async () => {
    await using gateway = await serve();
    const body = '{"query":"{ __typename }"}';
    const last = `Connection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const answer = await send(gateway, `${post}${last}${body}\r\nmore`);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).toContain('"__typename":"Query"');
  });

  it('is not the answer to a request in front of it', async () => {
    const release = Promise.withResolvers<void>();
    const upstream = await playUpstream(async (_request, response) => {
      await release.promise;
      response.setHeader('content-type', 'application/json');
      response.end('{"data":{"staff":[]}}');
    });
    const files = smallFiles(upstream.url);
    await using gateway = await serveFiles({
      ...files,
      'gateway.yaml': `${files['gateway.yaml']}audit: { directory: audit, subjects: {} }\n`,
    });
    const body = '{"query":"{ staff { id } }"}';
    const length = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const answer = await send(gateway, `${post}${length}${body}nonsense\r\n\r\n`);
    release.resolve();
    expect(answer).toBe('');
    const told = (await requestsIn(gateway)).map(({ unmapped }) => unmapped.gateway.reason);
    expect(told).toContain('admit/http-malformed');
    await upstream.close();
  });

  it('as a tunnel leaves no request in front of it without its end', async () => {
    const ended: string[] = [];
    const hungUp: string[] = [];
    const server = await startServer(
      {
        async handle(inbound, send) {
          const name = inbound.protocolRefusal === undefined ? inbound.path : 'tunnel';
          const left = Promise.withResolvers<void>();
          inbound.onHangUp?.(() => {
            hungUp.push(name);
            left.resolve();
          });
          for await (const _ of inbound.body);
          // The answer to one comes before the connection closes, and to the other after.
          if (name === '/3') await left.promise;
          await send({ status: 200, headers: {}, body: '{}' });
          ended.push(name);
        },
      },
      { host: '127.0.0.1', port: 0, tls: undefined },
    );
    onTestFinished(() => server.close(0));
    const tunnel = 'CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n';
    const socket = connect(server.port, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    socket.write(`${['/1', '/2', '/3'].map((path) => postOf(path, '{}')).join('')}${tunnel}`);
    await once(socket, 'close');
    await expect.poll(() => ended.toSorted()).toEqual(['/1', '/2', '/3', 'tunnel']);
    expect(hungUp).toContain('/3');
  });

  it.each(['', 'Expect: 100-continue\r\n'])(
    'is what Node loses behind an upgrade, and no answer is taken for its own (%j)',
    async (more) => {
      await using gateway = await serve();
      const ask = (alias: string, headers: string): string => {
        const body = `{"query":"{ ${alias}: __typename }"}`;
        return `${post}${headers}Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
      };
      const upgrade = `Connection: upgrade\r\nUpgrade: websocket\r\n${more}`;
      const socket = connect(portOf(gateway.url), '127.0.0.1');
      let out = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        out += chunk;
        if (chunk.includes('"first"')) socket.write(ask('third', ''));
      });
      socket.on('error', () => undefined).write(ask('first', upgrade) + ask('second', ''));
      socket.setTimeout(5_000, () => socket.destroy());
      await once(socket, 'close');
      expect(out).toContain('{"first":"Query"}');
      expect(out.toLowerCase()).toContain('connection: close\r\n');
      expect(out).not.toContain('"third"');
    },
  );

  it('is not told of a request that is on its walk and has a record', () => {
    const late = Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    expect(unreadOf(late, { bytesRead: 100 }, 0)).toMatchObject({
      reason: 'admit/request-timeout',
    });
    expect(unreadOf(late, { bytesRead: 100 }, 1)).toBe('gone');
  });

  it('is what comes too slowly', async () => {
    expect(await slow.answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(await requestsIn(slow.gateway)).toMatchObject([
      { unmapped: { gateway: { reason: 'admit/request-timeout' } } },
    ]);
  }, 60_000);

  it.each([
    { from: 'bytes that are no request', text: 'nonsense\r\n\r\n' },
    { from: 'a request', text: `${post}Content-Length: 2\r\n\r\n{}` },
  ])(
    'cost their connection and not the process where the gateway itself fails: $from',
    async ({ text }) => {
      const faults: unknown[] = [];
      const note = (error: unknown): void => void faults.push(error);
      process.on('unhandledRejection', note);
      onTestFinished(() => void process.removeListener('unhandledRejection', note));
      const broken: Gateway = {
        handle() {
          throw new Error('a fault of ours');
        },
      };
      for (const operationsMax of [0, 10]) {
        const server = await startServer(createBatching(broken, { operationsMax }), {
          host: '127.0.0.1',
          port: 0,
          tls: undefined,
        });
        onTestFinished(() => server.close(0));
        const socket = connect(server.port, '127.0.0.1');
        socket.on('error', () => undefined).write(text);
        socket.resume();
        await once(socket, 'close');
      }
      const fault = 'Error: a fault of ours';
      await expect.poll(() => faults.map(String)).toEqual([fault, fault]);
    },
  );
});
