/**
 * The listener's certificate is renewed by SIGHUP while calls are under way, in one process and in
 * two: they are answered over the connections they came by, and new ones are shown the new one.
 */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { type Authority, createAuthority } from '../support/certificates.ts';
import {
  removeGatewayFiles,
  startGatewayProcess,
  writeGatewayFiles,
} from '../support/gateway-process.ts';
import { until } from '../support/redis.ts';
import { playUpstream, smallFiles } from '../support/served.ts';

const patienceMs = 50_000;
const text = JSON.stringify({ query: '{ staff { name } }' });
const head = [
  'POST /graphql HTTP/1.1',
  'host: localhost',
  'content-type: application/json',
  `content-length: ${text.length}`,
  '\r\n',
].join('\r\n');

let authority: Authority;
beforeAll(async () => {
  authority = await createAuthority();
});

/** An upstream that can be told to keep its callers waiting. */
async function playWaiting() {
  let gate: PromiseWithResolvers<void> | undefined;
  let waiting = 0;
  const upstream = await playUpstream(async (_request, response) => {
    if (gate !== undefined) {
      waiting += 1;
      await gate.promise;
    }
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"staff":[{"name":"Ada"}]}}');
  });
  onTestFinished(() => upstream.close());
  return {
    url: upstream.url,
    waiting: () => waiting,
    hold: () => {
      gate = Promise.withResolvers();
    },
    release: () => {
      gate?.resolve();
      gate = undefined;
    },
  };
}

/** A connection of its own: whose name it was shown, and the statuses of its answers. */
async function open(url: string, options: ConnectionOptions = {}) {
  const { hostname, port } = new URL(url);
  const socket: TLSSocket = connect({
    host: hostname,
    port: Number(port),
    ca: authority.cert,
    ...options,
  });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'secureConnect');
  let received = '';
  let session: Buffer | undefined;
  socket.setEncoding('utf8').on('data', (chunk: string) => (received += chunk));
  socket.on('error', () => undefined).on('session', (one: Buffer) => (session = one));
  return {
    shown: String(socket.getPeerCertificate().subject.CN),
    isReused: socket.isSessionReused(),
    session: () => session,
    write: (part: string) => void socket.write(part),
    statuses: () => [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => status),
  };
}

it.each([
  { name: 'one process', more: [], processes: 1 },
  { name: 'two workers', more: ['--workers', '2'], processes: 2 },
])('$name', { timeout: patienceMs * 2 }, async ({ more, processes }) => {
  const upstream = await playWaiting();
  const old = await authority.issue('old', 'IP:127.0.0.1');
  const renewed = await authority.issue('new', 'IP:127.0.0.1');
  const files = smallFiles(upstream.url);
  const directory = await writeGatewayFiles({
    ...files,
    'gateway.yaml': (files['gateway.yaml'] ?? '').replace(
      'listen: { port: 0 }',
      'listen: { port: 0, tls: { cert: own.pem, key: own.key } }',
    ),
    'own.pem': old.cert,
    'own.key': old.key,
  });
  onTestFinished(() => removeGatewayFiles(directory));
  const gateway = await startGatewayProcess(directory, [], more);
  onTestFinished(async () => void (await gateway.end('SIGTERM')));
  const told = (kind: string) => gateway.printed().split(`"kind":"${kind}"`).length - 1;
  const renew = async (kind: string): Promise<void> => {
    const before = told(kind);
    process.kill(gateway.pid, 'SIGHUP');
    await until(kind, () => told(kind) === before + processes, patienceMs);
  };
  const openMany = () => Promise.all(Array.from({ length: 6 }, () => open(gateway.url)));

  const clients = await openMany();
  for (const { write } of clients) write(head + text);
  await until('first answers', () => clients.every(({ statuses }) => statuses().length === 1));
  upstream.hold();
  for (const { write } of clients) write(head + text);
  await until('calls under way', () => upstream.waiting() === 6);
  const half = await open(gateway.url);
  half.write(head + text.slice(0, 5));

  // Half of a renewal: nobody takes it up.
  await writeFile(join(directory, 'own.pem'), renewed.cert);
  await renew('certificates-kept');
  expect((await openMany()).map(({ shown }) => shown)).toEqual(Array(6).fill('old'));

  await writeFile(join(directory, 'own.key'), renewed.key);
  for (let times = 0; times < 3; times += 1) await renew('certificates-loaded');
  expect((await openMany()).map(({ shown }) => shown)).toEqual(Array(6).fill('new'));
  const session = clients[0]?.session();
  expect(session).toBeDefined();
  for (let times = 0; times < 4; times += 1) {
    const again = await open(gateway.url, { session });
    expect([again.shown, again.isReused]).toEqual(['new', false]);
  }

  expect(clients.map(({ statuses }) => statuses().length)).toEqual(Array(6).fill(1));
  upstream.release();
  half.write(text.slice(5));
  for (const { write } of clients) write(head + text);
  await until('all answers', () =>
    [half, ...clients].every(({ statuses }, at) => statuses().length >= (at === 0 ? 1 : 3)),
  );
  expect(clients.map(({ statuses }) => statuses())).toEqual(Array(6).fill(['200', '200', '200']));
  expect([half.shown, half.statuses()]).toEqual(['old', ['200']]);
});
