/**
 * Who answers for the identity provider chooses whose tokens are believed, who answers for the store
 * what is counted, and who answers for a document what an API is. A switch in the environment, left
 * there by a script or set for another program, must not let just anybody answer. Real servers with
 * certificates that nobody vouches for.
 */
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { loadOpenApi } from '../../gateway/delegate/openapi/load-openapi.ts';
import { createOutbound } from '../../gateway/identify/outbound.ts';
import { createRedisClient } from '../../gateway/rates/redis-client.ts';
import { createAuthority } from '../support/certificates.ts';
import { playUpstream, serveFiles } from '../support/served.ts';
import { ask, telemetryFiles } from '../support/telemetry.ts';

const authority = await createAuthority();
const { cert, key } = await authority.issue('anybody', 'DNS:localhost,IP:127.0.0.1');

const name = 'NODE_TLS_REJECT_UNAUTHORIZED';
const before = process.env[name];
beforeAll(() => {
  process.env[name] = '0';
});
afterAll(() => {
  if (before === undefined) delete process.env[name];
  else process.env[name] = before;
});

/** Answers everybody with one text, under a certificate that nobody vouches for. */
async function playStranger(text: string) {
  const seen = { connections: 0, requests: 0 };
  const server = createServer({ cert, key }, (_, response) => {
    seen.requests += 1;
    response.end(text);
  });
  server.on('connection', () => {
    seen.connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `https://localhost:${port}`, seen };
}

it.each(['GET', 'POST'] as const)('an identity provider is told nothing by %s', async (method) => {
  const provider = await playStranger('{"keys":[],"active":true}');
  const outbound = createOutbound(`${provider.url}/`, {
    privateNetwork: false,
    connections: 1,
  });
  onTestFinished(outbound.close);
  const signal = AbortSignal.timeout(5_000);
  await expect(
    outbound.ask({ method, headers: {}, signal, bytesMax: 1_000 }),
  ).rejects.toMatchObject({ code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' });
  expect(provider.seen.connections).toBeGreaterThan(0);
  expect(provider.seen.requests).toBe(0);
});

it('a store is told no password', async () => {
  const received: string[] = [];
  let tried = 0;
  const server = createTlsServer({ cert, key }, (socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => received.push(bytes.toString('utf8')));
  });
  server.on('tlsClientError', () => {
    tried += 1;
  });
  server.on('connection', () => {
    tried += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createRedisClient({
    address: {
      kind: 'single',
      node: { host: 'localhost', port },
      login: { password: 'hunter2' },
      tls: true,
      db: 0,
    },
    connectTimeoutMs: 1_000,
    timeoutMs: 1_000,
  });
  onTestFinished(async () => {
    await client.close(100);
    server.close();
  });
  // It comes back by itself: what it did at the first attempt is over at the third.
  await expect.poll(() => tried, { timeout: 5_000 }).toBeGreaterThan(2);
  expect(received).toEqual([]);
});

it('a collector of traces and metrics is told no token', async () => {
  const collector = await playStranger('');
  const upstream = await playUpstream((_, response) => response.end());
  onTestFinished(upstream.close);
  const telemetry = `{ otlp: "${collector.url}", sampleRatio: 1 }`;
  const gateway = await serveFiles(telemetryFiles(upstream.url, telemetry));
  await ask(gateway.url, '{ staff { name } }');
  // What was not sent yet is sent at the end.
  await gateway.close();
  expect(collector.seen.connections).toBeGreaterThan(0);
  expect(collector.seen.requests).toBe(0);
});

it('a document of an API is taken from nobody else', async () => {
  const host = await playStranger(
    '{"openapi":"3.1.0","info":{"title":"Theirs","version":"1"},"paths":{}}',
  );
  await expect(loadOpenApi(`${host.url}/openapi.json`)).rejects.toThrow();
  expect(host.seen.connections).toBeGreaterThan(0);
  expect(host.seen.requests).toBe(0);
});
