/**
 * The HTTP floor: a node:http (or https) server of our own in front of the walk, with a limit on
 * everything a connection can hold, and a shutdown that lets work end.
 */
import { hash } from 'node:crypto';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Gateway, Inbound } from './gateway-options.ts';
import type { Answer } from './shape/answer.ts';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** PEM texts; with `clientCa` callers are asked for a certificate, and may have none. */
  readonly tls:
    | { readonly cert: string; readonly key: string; readonly clientCa?: string | undefined }
    | undefined;
  /** How long a caller may take nothing of its answer; 30 s unless told. */
  readonly stalledMs?: number;
  /** Answers a request before the walk, for what is not GraphQL (the page of `--dev`). */
  readonly aside?: (request: IncomingMessage) => Answer | undefined;
}

export interface RunningServer {
  readonly port: number;
  /** Takes no more work, waits for what runs up to `graceMs`, then cuts connections. */
  close(graceMs: number): Promise<void>;
}

const limits = {
  maxHeaderSize: 16_384,
  /** Slow headers and bodies hold a connection no longer than this. */
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 1_000,
} as const;
const connectionsMax = 10_000;
/** Answers that one connection may be owed; a client that pipelines more is not one. */
const owedMax = 32;
/** A caller that takes nothing of its answer for so long is gone. */
const stalledMsDefault = 30_000;
/** How long a refused upload may go on being thrown away before the connection is cut. */
const lingerMs = 500;

/** Listens; rejects where the port cannot be had. */
export async function startServer(
  gateway: Gateway,
  options: ServerOptions,
): Promise<RunningServer> {
  const { stalledMs = stalledMsDefault } = options;
  const owed = new WeakMap<Socket, number>();
  const state = { draining: false };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    if (!mayOweMore(owed, request.socket, response)) return;
    // Its answer is the last of its connection: a busy one would go on taking work for ever.
    if (state.draining) response.shouldKeepAlive = false;
    const aside = options.aside?.(request);
    if (aside !== undefined) void write(request, response, aside, stalledMs);
    else
      void gateway.handle(toInbound(request, response), (answer) =>
        write(request, response, answer, stalledMs),
      );
  };
  const server =
    options.tls === undefined
      ? createHttpServer(limits, listener)
      : createHttpsServer({ ...limits, ...toTlsOptions(options.tls) }, listener);
  server.maxConnections = connectionsMax;
  // Node would answer 417 by itself, around every rule and without a record.
  server.on('checkExpectation', listener);
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close(graceMs) {
      state.draining = true;
      return close(server, graceMs);
    },
  };
}

/** A certificate is optional at the door: whether a token needs one is the token's word. */
function toTlsOptions({ clientCa, ...tls }: NonNullable<ServerOptions['tls']>) {
  if (clientCa === undefined) return tls;
  return { ...tls, ca: clientCa, requestCert: true, rejectUnauthorized: false };
}

const certificateHashes = new WeakMap<Socket, string | undefined>();

/** Hashed once per connection; a certificate that our authorities did not sign is none. */
function toCertificateHash(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  if (certificateHashes.has(socket)) return certificateHashes.get(socket);
  const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined;
  const hashed = certificate && hash('sha256', certificate.raw, 'base64url');
  certificateHashes.set(socket, hashed);
  return hashed;
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

async function close(server: Server, graceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  server.close(() => resolve());
  server.closeIdleConnections();
  await promise;
  clearTimeout(timer);
}

function toInbound(request: IncomingMessage, response: ServerResponse): Inbound {
  const hungUp = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) hungUp.abort();
  });
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  return {
    method: request.method ?? '',
    path: mark < 0 ? url : url.slice(0, mark),
    search: mark < 0 ? '' : url.slice(mark + 1),
    rawHeaders: request.rawHeaders,
    headers: toTextHeaders(request),
    peer: request.socket.remoteAddress ?? '',
    clientCertificate: toCertificateHash(request.socket),
    body: request,
    signal: hungUp.signal,
  };
}

function toTextHeaders(request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

/** Node takes a pipelined request before the one in front of it is answered, without a bound. */
function mayOweMore(
  owed: WeakMap<Socket, number>,
  socket: Socket,
  response: ServerResponse,
): boolean {
  const count = (owed.get(socket) ?? 0) + 1;
  if (count > owedMax) {
    socket.destroy();
    return false;
  }
  owed.set(socket, count);
  response.once('close', () => owed.set(socket, (owed.get(socket) ?? 1) - 1));
  return true;
}

/** Resolves when the answer is with the operating system, or the caller is gone. */
function write(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  stalledMs: number,
): Promise<{ aborted: boolean }> {
  return new Promise((resolve) => {
    if (response.destroyed) {
      resolve({ aborted: true });
      return;
    }
    response.once('close', () => resolve({ aborted: !response.writableFinished }));
    response.once('finish', () => resolve({ aborted: false }));
    const unread = !request.complete;
    response.writeHead(answer.status, {
      ...answer.headers,
      'content-length': Buffer.byteLength(answer.body),
      ...(unread ? { connection: 'close' } : {}),
    });
    response.end(answer.body);
    cutWhenStalled(request.socket, response, stalledMs);
    if (unread) throwAway(request);
  });
}

/** Memory is held until an answer is taken: whoever does not read must not hold it for ever. */
function cutWhenStalled(socket: Socket, response: ServerResponse, stalledMs: number): void {
  if (response.writableFinished) return;
  let taken = socket.bytesWritten - socket.writableLength;
  const timer = setInterval(() => {
    const now = socket.bytesWritten - socket.writableLength;
    if (now === taken) socket.destroy();
    taken = now;
  }, stalledMs);
  response.once('close', () => clearInterval(timer));
}

/** A caller still sending what we refused would not read the answer if we cut at once. */
function throwAway(request: IncomingMessage): void {
  request.resume();
  const timer = setTimeout(() => request.socket.destroy(), lingerMs);
  request.once('close', () => clearTimeout(timer));
}
