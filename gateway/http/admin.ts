/**
 * The admin port: liveness, readiness, metrics and the console, on loopback by default. Read-only:
 * `GET` and `HEAD`.
 *
 * It is unauthenticated, and a page can make a browser on this machine send requests. So the Host
 * must be an address, `localhost` or the configured name (after DNS rebinding it is the page's own
 * name), and requests of pages of another origin are refused (Fetch Metadata).
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseAddress } from '../addresses/ip-address.ts';
import { type AdminAnswer, toJsonAnswer } from '../console/admin-answer.ts';
import { type ConsoleDoor, noConsole } from '../console/console-door.ts';
import type { AdminFailures, AdminQuestion } from './admin-failures.ts';
import type { PortFailures } from './port-failures.ts';

export interface AdminServer {
  readonly port: number;
  close(): Promise<void>;
}

export interface AdminState {
  readonly isReady: () => boolean;
  /** With several processes: the number that serve, and the number wanted. */
  readonly workers?: () => { readonly ready: number; readonly wanted: number };
  /** The Prometheus text format. */
  readonly metricsText?: () => Promise<string>;
  /** Absent: there is no console, and its paths say so. */
  readonly console?: ConsoleDoor | undefined;
  /** Called with failures to answer a request. */
  readonly failed?: AdminFailures;
  /** Called with failures of the listening port, such as accepting a connection. */
  readonly portFailed?: PortFailures;
}

export interface AdminListen {
  readonly host: string;
  readonly port: number;
  /** How long a client may take to read an answer; default 15 s. */
  readonly answerMs?: number;
}

export function startAdmin(listen: AdminListen, state: AdminState): Promise<AdminServer> {
  const server = createServer(
    { maxHeaderSize: 8_192, requestTimeout: 5_000 },
    async (request, response) => {
      send(response, await answer(request, listen, state), listen.answerMs ?? 15_000);
      request.resume();
    },
  );
  server.maxConnections = 100;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: listen.host, port: listen.port }, () => {
      const { port } = server.address() as AddressInfo;
      server.removeListener('error', reject);
      // An error event without a listener ends the process.
      server.on('error', (error) => state.portFailed?.(error));
      const close = () =>
        new Promise<void>((done) => {
          server.close(() => done());
          server.closeAllConnections();
        });
      resolve({ port, close });
    });
  });
}

/** Cuts off clients that read slowly: their pending answers hold memory. */
function send(response: ServerResponse, answered: AdminAnswer, answerMs: number): void {
  const { status, type, body, headers, release } = answered;
  // The client disconnected meanwhile.
  if (response.destroyed) {
    release?.();
    return;
  }
  const late = setTimeout(() => response.destroy(), answerMs);
  late.unref();
  response.once('close', () => {
    clearTimeout(late);
    release?.();
  });
  response.writeHead(status, {
    'content-type': type,
    'cache-control': 'no-store',
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
    ...headers,
  });
  response.end(body);
}

/** The client learns only that its request failed: the port is unauthenticated. */
async function answer(
  request: IncomingMessage,
  listen: { host: string },
  state: AdminState,
): Promise<AdminAnswer> {
  try {
    return await answerRequest(request, listen, state);
  } catch (error) {
    state.failed?.(questionOf(request.url ?? ''), error);
    return toJsonAnswer(500, { status: 'failed' });
  }
}

function questionOf(url: string): AdminQuestion {
  const [path] = url.split('?', 1);
  if (path === '/metrics') return 'metrics';
  return path === '/console/state' ? 'console' : 'other';
}

async function answerRequest(
  { method, url = '', headers, socket }: IncomingMessage,
  listen: { host: string },
  state: AdminState,
): Promise<AdminAnswer> {
  if (!isOwnName(headers.host, listen.host)) return toJsonAnswer(421, { status: 'misdirected' });
  if (method !== 'GET' && method !== 'HEAD')
    return toJsonAnswer(405, { status: 'method-not-allowed' });
  const [path = '', search = ''] = url.split('?', 2);
  if (isForeignPage(headers)) return toJsonAnswer(403, { status: 'foreign-page' });
  const found = await answerPath(path, state);
  if (found !== undefined) return found;
  const { console = noConsole } = state;
  const peer = socket.remoteAddress ?? '';
  return (await console({ path, search, peer })) ?? toJsonAnswer(404, { status: 'not-found' });
}

function answerPath(
  path: string,
  { isReady, workers, metricsText }: AdminState,
): Promise<AdminAnswer> | AdminAnswer | undefined {
  const about = workers && { workers: workers() };
  switch (path) {
    case '/health':
    case '/live':
      return toJsonAnswer(200, { status: 'alive', ...about });
    case '/ready':
      return isReady()
        ? toJsonAnswer(200, { status: 'ready', ...about })
        : toJsonAnswer(503, { status: 'draining', ...about });
    case '/metrics':
      return metricsText && metrics(metricsText);
  }
  return undefined;
}

async function metrics(metricsText: () => Promise<string>): Promise<AdminAnswer> {
  const body = await metricsText();
  return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body };
}

function isOwnName(host: string | undefined, configured: string): boolean {
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d{1,5})?$/.exec(host ?? '') ?? [];
  const bare = name.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost' || bare === configured.toLowerCase()) return true;
  return parseAddress(bare) !== undefined;
}

/**
 * Whether a page of another origin sends the request, including one on another port of this
 * machine. Following a link is allowed. https://www.w3.org/TR/fetch-metadata/
 */
function isForeignPage(headers: IncomingMessage['headers']): boolean {
  const { origin, host } = headers;
  if (origin !== undefined && origin !== `http://${host}`) return true;
  const site = headers['sec-fetch-site'] ?? 'none';
  if (site === 'none' || site === 'same-origin') return false;
  return headers['sec-fetch-mode'] !== 'navigate' || headers['sec-fetch-dest'] !== 'document';
}
