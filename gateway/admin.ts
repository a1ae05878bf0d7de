/**
 * The admin port: liveness, readiness and metrics, loopback by default. Tells nothing of single
 * requests. `GET` alone, and only by address, `localhost` or its configured name: a web page whose
 * own name was pointed at this port (DNS rebinding) gets nothing.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseAddress } from './ip-address.ts';

export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface AdminState {
  readonly isReady: () => boolean;
  /** Where several processes serve: how many do, and how many should. */
  readonly workers?: () => { readonly ready: number; readonly wanted: number };
  /** The Prometheus text format. */
  readonly metricsText?: () => Promise<string>;
}

export function startAdmin(
  listen: { host: string; port: number },
  state: AdminState,
): Promise<AdminServer> {
  const server = createServer(
    { maxHeaderSize: 8_192, requestTimeout: 5_000 },
    async (request, response) => {
      const { method, url = '', headers } = request;
      const { status, type, body } = await answer(
        { method, url, host: headers.host },
        listen,
        state,
      );
      response.writeHead(status, {
        'content-type': type,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...(status === 405 ? { allow: 'GET' } : {}),
      });
      response.end(body);
      request.resume();
    },
  );
  server.maxConnections = 100;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(listen, () => {
      const { port } = server.address() as AddressInfo;
      const close = () =>
        new Promise<void>((done) => {
          server.close(() => done());
          server.closeAllConnections();
        });
      resolve({ port, close });
    });
  });
}

interface AdminAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const json = (status: number, body: object): AdminAnswer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
});

async function answer(
  request: { method: string | undefined; url: string; host: string | undefined },
  listen: { host: string },
  { isReady, workers, metricsText }: AdminState,
): Promise<AdminAnswer> {
  if (!isOwnName(request.host, listen.host)) return json(421, { status: 'misdirected' });
  if (request.method !== 'GET') return json(405, { status: 'method-not-allowed' });
  const about = workers && { workers: workers() };
  switch (request.url.split('?', 1)[0]) {
    case '/health':
    case '/live':
      return json(200, { status: 'alive', ...about });
    case '/ready':
      return isReady()
        ? json(200, { status: 'ready', ...about })
        : json(503, { status: 'draining', ...about });
    case '/metrics':
      if (metricsText !== undefined) return metrics(metricsText);
  }
  return json(404, { status: 'not-found' });
}

async function metrics(metricsText: () => Promise<string>): Promise<AdminAnswer> {
  try {
    const body = await metricsText();
    return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body };
  } catch {
    // Whoever scrapes sees that it failed; why is nothing for a port without a lock.
    return json(500, { status: 'failed' });
  }
}

function isOwnName(host: string | undefined, configured: string): boolean {
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(host ?? '') ?? [];
  const bare = name.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost' || bare === configured.toLowerCase()) return true;
  return parseAddress(bare) !== undefined;
}
