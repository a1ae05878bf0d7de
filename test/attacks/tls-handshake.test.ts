/** Connections to the TLS port that never get as far as HTTP: on record, and held no longer than slow headers. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditLines } from '../support/audit-files.ts';
import { type Authority, createAuthority, type Pair } from '../support/certificates.ts';
import {
  removeGatewayFiles,
  startGatewayProcess,
  writeGatewayFiles,
} from '../support/gateway-process.ts';
import { portOf, sendRaw } from '../support/raw-http.ts';
import { type Served, serveFiles, smallFiles } from '../support/served.ts';

let authority: Authority;
let server: Pair;
/** A handshake that goes on for ever takes ten seconds, in which the others run. */
let slow: { readonly gateway: Served; readonly answer: Promise<string> };
beforeAll(async () => {
  authority = await createAuthority();
  server = await authority.issue('localhost', 'IP:127.0.0.1');
  const gateway = await serve();
  slow = { gateway, answer: send(gateway, hello) };
});
afterAll(() => slow.gateway.close());

function tlsFiles(): Record<string, string> {
  const files = smallFiles('http://127.0.0.1:9');
  return {
    ...files,
    'gateway.yaml': `${files['gateway.yaml']?.replace(
      'listen: { port: 0 }',
      `listen: { port: 0, tls: { cert: ${server.certFile}, key: ${server.keyFile} } }`,
    )}audit: { directory: audit, subjects: {} }\n`,
  };
}

const serve = (): Promise<Served & AsyncDisposable> => serveFiles(tlsFiles());

const send = (gateway: Served, bytes: string): Promise<string> =>
  sendRaw(portOf(gateway.url), bytes);

/** Reasons and addresses, as the trail has them; that its answer was not taken has an event of its own. */
async function recorded(gateway: Served): Promise<unknown[]> {
  await gateway.closeOnly();
  const events = (await auditLines(join(gateway.directory, 'audit'))).map((line) =>
    JSON.parse(line),
  );
  return events
    .filter(({ unmapped }) => unmapped.gateway.decision === 'request_rejected')
    .map(({ src_endpoint, unmapped }) => [unmapped.gateway.reason, src_endpoint.ip]);
}

const failed = ['admit/tls-handshake', '127.0.0.1'];
const hello = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03';

it('HTTP in the clear is on record, and gets no answer of HTTP', async () => {
  await using gateway = await serve();
  const answer = await send(gateway, 'POST /graphql HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(answer).not.toContain('HTTP/1.1');
  expect(await recorded(gateway)).toEqual([failed]);
});

/** How an attempt with TLS 1.1 or less ends. */
async function speakOld(url: string): Promise<string> {
  const socket = connectTls({
    port: Number(new URL(url).port),
    host: '127.0.0.1',
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1.1',
    ciphers: 'DEFAULT@SECLEVEL=0',
    rejectUnauthorized: false,
  });
  const opened = once(socket, 'secureConnect').then(() => `open: ${socket.getProtocol()}`);
  return await opened.catch(({ code }) => String(code)).finally(() => socket.destroy());
}

const tooOld = 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION';

it('a protocol that is too old is on record', async () => {
  await using gateway = await serve();
  expect(await speakOld(gateway.url)).toBe(tooOld);
  expect(await recorded(gateway)).toEqual([failed]);
});

it('a protocol that is too old is refused whatever Node is told', async () => {
  const directory = await writeGatewayFiles(tlsFiles());
  const lax = ['--tls-min-v1.0', '--tls-cipher-list=DEFAULT@SECLEVEL=0'];
  const gateway = await startGatewayProcess(directory, lax);
  expect(await speakOld(gateway.url)).toBe(tooOld);
  await gateway.end('SIGTERM');
  await removeGatewayFiles(directory);
}, 90_000);

it('who leaves in the middle of a handshake is no event', async () => {
  await using gateway = await serve();
  for (const bytes of ['', hello]) {
    const socket = connect(portOf(gateway.url), '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    socket.end(bytes, 'latin1');
    await once(socket, 'close');
  }
  expect(await recorded(gateway)).toEqual([]);
});

it('a flood is counted, and not written one by one', async () => {
  await using gateway = await serve();
  await Promise.all(Array.from({ length: 100 }, () => send(gateway, 'nonsense\r\n\r\n')));
  const events = await recorded(gateway);
  expect(events.length).toBeGreaterThan(0);
  expect(events.length).toBeLessThan(100);
});

it('what comes after a handshake is a request as any other', async () => {
  await using gateway = await serve();
  await send(gateway, 'nonsense\r\n\r\n');
  const dispatcher = new Agent({ connect: { ca: authority.cert } });
  const { statusCode } = await request(gateway.url, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ __typename }"}',
  });
  expect(statusCode).toBe(200);
  await dispatcher.close();
});

it('a handshake that goes on for ever is cut after the time of slow headers', async () => {
  // Node's own limit, two minutes, is past the time of this test.
  expect(await slow.answer).toBe('');
  expect(await recorded(slow.gateway)).toEqual([['admit/request-timeout', '127.0.0.1']]);
}, 90_000);
