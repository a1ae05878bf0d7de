/** Certificates that change while the gateway runs: those that an upstream shows, and the files of its own. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { type Authority, createAuthority, type Pair } from '../support/certificates.ts';
import { until } from '../support/redis.ts';
import { serveFiles, smallFiles } from '../support/served.ts';
import { patienceMs, startWorkers } from '../support/worker-processes.ts';

let authority: Authority;
let stranger: Authority;
let server: Pair;
let client: Pair;
beforeAll(async () => {
  authority = await createAuthority();
  stranger = await createAuthority();
  server = await authority.issue('upstream', 'DNS:localhost');
  client = await authority.issue('old', 'DNS:gateway');
});

/** As several machines of one service have them: whoever resumes shows no certificate. */
const ticketKeys = randomBytes(48);
const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Answers with the name on the gateway's certificate. */
async function play() {
  const context = (pair: Pair) => ({
    cert: pair.cert,
    key: pair.key,
    ca: authority.cert,
    ticketKeys,
  });
  const https = createServer(
    { ...context(server), requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      const name = (request.socket as TLSSocket).getPeerCertificate().subject?.CN;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ data: { person: { name } } }));
    },
  );
  https.listen(0, '127.0.0.1');
  await once(https, 'listening');
  closers.push(async () => {
    https.close();
    https.closeAllConnections();
    await once(https, 'close');
  });
  return {
    url: `https://localhost:${(https.address() as AddressInfo).port}`,
    show: (pair: Pair) => https.setSecureContext(context(pair)),
    drop: () => https.closeAllConnections(),
  };
}

const files = (url: string): Record<string, string> => {
  const small = smallFiles(url);
  return {
    ...small,
    'gateway.yaml': String(small['gateway.yaml']).replace(
      /staff: .*\n/,
      `staff: { graphql: staff.graphql, url: ${url}, ca: ca.pem, mtls: { cert: own.pem, key: own.key }, retries: { attempts: 0 } }\n`,
    ),
    'ca.pem': authority.cert,
    'own.pem': client.cert,
    'own.key': client.key,
  };
};

async function ask(url: string): Promise<string> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', connection: 'close' },
    body: '{"query":"{ person(id: 1) { name } }"}',
  });
  const { data, errors } = (await answer.json()) as {
    data: { person: { name: string } | null };
    errors?: { extensions: { code: string } }[];
  };
  return errors?.[0]?.extensions.code ?? String(data.person?.name);
}

it('what an upstream shows is verified with each connection', async () => {
  const upstream = await play();
  await using gateway = await serveFiles(files(upstream.url));
  expect(await ask(gateway.url)).toBe('old');
  upstream.show(await authority.issue('renewed', 'DNS:localhost'));
  upstream.drop();
  expect(await ask(gateway.url)).toBe('old');
  upstream.show(await stranger.issue('strange', 'DNS:localhost'));
  upstream.drop();
  expect(await ask(gateway.url)).toBe('UPSTREAM_FAILED');
  upstream.show(await authority.issue('elsewhere', 'DNS:elsewhere'));
  upstream.drop();
  expect(await ask(gateway.url)).toBe('UPSTREAM_FAILED');
});

it('files of ours that change are read again at SIGHUP and by new workers, and bad ones by none', {
  timeout: 120_000,
}, async () => {
  const upstream = await play();
  await using gateway = await startWorkers(files(upstream.url), 1);
  const askAnew = () => {
    upstream.drop();
    return ask(gateway.url);
  };
  const write = (name: string, text: string) => writeFile(join(gateway.directory, name), text);
  const count = (about: object) =>
    gateway
      .lines()
      .filter((line) => Object.entries(about).every(([key, value]) => line[key] === value)).length;
  expect(await askAnew()).toBe('old');
  const renewed = await authority.issue('new', 'DNS:gateway');
  await write('own.pem', renewed.cert);
  // Certificate and key do not fit each other for a moment.
  gateway.process.kill('SIGHUP');
  await until('a complaint', () => count({ kind: 'certificates-kept', level: 'error' }) === 1);
  expect(await askAnew()).toBe('old');
  gateway.process.kill('SIGUSR2');
  await until('a failed exchange', () => count({ event: 'exchange-failed' }) === 1, patienceMs);
  expect(gateway.complaints()).toContain('own.key');
  expect(await askAnew()).toBe('old');
  await write('own.key', renewed.key);
  gateway.process.kill('SIGHUP');
  await until('new certificates', () => count({ kind: 'certificates-loaded' }) === 1);
  expect(await askAnew()).toBe('new');
  await write('ca.pem', stranger.cert);
  expect(await askAnew()).toBe('new');
  gateway.process.kill('SIGUSR2');
  await until('an exchange', () => count({ event: 'exchanged' }) === 1, patienceMs);
  expect(await askAnew()).toBe('UPSTREAM_FAILED');
  await write('ca.pem', authority.cert);
  gateway.process.kill('SIGHUP');
  await until('the old authority', () => count({ kind: 'certificates-loaded' }) === 2);
  await until('the upstream', async () => (await askAnew()) === 'new');
});
