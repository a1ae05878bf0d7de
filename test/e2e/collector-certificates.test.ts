/** What a collector shows is verified with each connection, for traces and for metrics. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { expect, it } from 'vitest';
import { createAuthority, type Pair } from '../support/certificates.ts';
import { until } from '../support/redis.ts';
import { playUpstream, serveFiles } from '../support/served.ts';
import { ask, telemetryFiles } from '../support/telemetry.ts';

/** Takes everything; several machines of one service have the same keys for sessions. */
async function startCollector(first: Pair) {
  const ticketKeys = randomBytes(48);
  const got: { path: string; isResumed: boolean }[] = [];
  let refused = 0;
  const context = ({ cert, key }: Pair) => ({ cert, key, ticketKeys });
  const https = createServer(context(first), (request, response) => {
    const isResumed = (request.socket as TLSSocket).isSessionReused();
    got.push({ path: request.url ?? '', isResumed });
    request.resume().on('end', () => response.end());
  });
  https.on('tlsClientError', () => {
    refused += 1;
  });
  https.listen(0, '127.0.0.1');
  await once(https, 'listening');
  return {
    url: `https://localhost:${(https.address() as AddressInfo).port}`,
    got,
    refused: () => refused,
    show(pair: Pair) {
      https.setSecureContext(context(pair));
      https.closeAllConnections();
    },
    both: () => until('traces and metrics', () => new Set(got.map(({ path }) => path)).size === 2),
    close() {
      https.close();
      https.closeAllConnections();
    },
  };
}

it('a certificate that nobody vouches for gets no telemetry from who was there before', async () => {
  const [authority, stranger] = [await createAuthority(), await createAuthority()];
  setDefaultCACertificates([...getCACertificates('default'), authority.cert]);
  const collector = await startCollector(await authority.issue('collector', 'DNS:localhost'));
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ data: { staff: [{ id: '1', name: 'Ada' }] } }));
  });
  const telemetry = `{ otlp: "${collector.url}", metricsIntervalMs: 1000 }`;
  await using gateway = await serveFiles(telemetryFiles(upstream.url, telemetry));
  const trace = () => ask(gateway.url, '{ staff { name } }');
  await trace();
  await collector.both();
  collector.show(await authority.issue('renewed', 'DNS:localhost'));
  collector.got.length = 0;
  await trace();
  await collector.both();
  expect(collector.got.filter(({ isResumed }) => isResumed)).toEqual([]);
  collector.show(await stranger.issue('strange', 'DNS:localhost'));
  collector.got.length = 0;
  await trace();
  await until('refused connections', () => collector.refused() > 2);
  expect(collector.got).toEqual([]);
  await gateway.close();
  expect(collector.got).toEqual([]);
  collector.close();
  await upstream.close();
});
