/**
 * The demo's REST upstream: node:http in front of routes.ts. Requires `authorization: Bearer demo`,
 * accepts bodies up to 64 KiB and logs one line per request: method and path, no query, no body.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { close, listen } from '../listen.ts';
import { answerHris, createHrisStore, type HrisAnswer, type HrisStore } from './routes.ts';

export interface HrisOptions {
  /** 0 selects a free port. */
  readonly port: number;
  readonly host: string;
  readonly log?: (line: string) => void;
}

export interface RunningHris {
  readonly url: string;
  close(): Promise<void>;
}

const bodyBytesMax = 65_536;

/** Resolves when the server listens; rejects if the port is unavailable. */
export async function startHris({ port, host, log }: HrisOptions): Promise<RunningHris> {
  const store = createHrisStore();
  const server = createServer((request, response) => {
    answer(store, request, log).then(
      (result) => send(response, result),
      () => send(response, { status: 500, body: { error: 'fault' } }),
    );
  });
  await listen(server, port, host);
  const { port: bound } = server.address() as AddressInfo;
  return { url: `http://${host}:${bound}`, close: () => close(server) };
}

async function answer(
  store: HrisStore,
  request: IncomingMessage,
  log: HrisOptions['log'],
): Promise<HrisAnswer> {
  const method = request.method ?? 'GET';
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2);
  log?.(`${method} ${path.slice(0, 200)}`);
  if (request.headers.authorization !== 'Bearer demo') {
    return { status: 401, body: { error: 'credentials' } };
  }
  const body = await readJson(request);
  const segments = decodedSegments(path);
  if (body === unreadable || segments === undefined) {
    return { status: 400, body: { error: 'not readable' } };
  }
  const tenant = request.headers['x-tenant-id'];
  const tenantId = typeof tenant === 'string' ? tenant : undefined;
  return answerHris(store, { method, segments, query: new URLSearchParams(query), tenantId, body });
}

function decodedSegments(path: string): string[] | undefined {
  try {
    return path.split('/').slice(1).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

const unreadable = Symbol('unreadable');

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) return unreadable;
    chunks.push(chunk);
  }
  if (bytes === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return unreadable;
  }
}

function send(response: ServerResponse, { status, body }: HrisAnswer): void {
  if (response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
