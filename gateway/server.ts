/**
 * The HTTP floor: a node:http (or https) server of our own in front of the walk, with a limit on
 * everything a connection can hold, and a shutdown that lets work end.
 */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { type TlsTexts, toCertificateHash, toTlsOptions } from './client-certificate.ts';
import { createDeadlines, type Deadlines } from './deadlines.ts';
import type { Gateway, Inbound } from './gateway-options.ts';
import { rawHeader } from './raw-header.ts';
import type { Answer } from './shape/answer.ts';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** With `clientCa` callers are asked for a certificate, and may have none. */
  readonly tls: TlsTexts | undefined;
  /** How long a caller may take nothing of its answer; 30 s unless told. */
  readonly stalledMs?: number;
  /** Answers a request before the walk, for what is not GraphQL (the page of `--dev`). */
  readonly aside?: (request: IncomingMessage) => Answer | undefined;
}

export interface RunningServer {
  readonly port: number;
  /**
   * Takes no more connections, waits for what runs up to `graceMs`, then cuts. Idle connections are
   * cut at once, or after `idleMs`: until then a request on one is answered, as its last.
   */
  close(graceMs: number, idleMs?: number): Promise<void>;
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
  const means: WritingMeans = {
    stalls: createStallGuard(stalledMs),
    lingering: createDeadlines<IncomingMessage>(lingerMs, ({ socket }) => socket.destroy()),
  };
  const state = { draining: false };
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    if (!mayOweMore(owed, request.socket, response)) return;
    // Its answer is the last of its connection: a busy one would go on taking work for ever.
    if (state.draining) response.shouldKeepAlive = false;
    const aside = options.aside?.(request);
    if (aside !== undefined) void write(request, response, aside, means);
    else
      void gateway.handle(new SocketInbound(request, response), (answer) => {
        if (state.draining) response.shouldKeepAlive = false;
        return write(request, response, answer, means);
      });
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
    close(graceMs, idleMs = 0) {
      state.draining = true;
      return close(server, graceMs, idleMs);
    },
  };
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

async function close(server: Server, graceMs: number, idleMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  // Not http's own close: that cuts idle connections, and with them requests that are on their way.
  NetServer.prototype.close.call(server, () => resolve());
  const idle = setTimeout(() => server.closeIdleConnections(), idleMs);
  if (idleMs === 0) server.closeIdleConnections();
  await promise;
  clearTimeout(timer);
  clearTimeout(idle);
}

/** Who is turned away at the door needs neither headers nor signal: they are made when asked for. */
class SocketInbound implements Inbound {
  readonly method: string;
  readonly path: string;
  readonly search: string;
  readonly rawHeaders: readonly string[];
  readonly peer: string;
  readonly body: IncomingMessage;
  readonly #response: ServerResponse;
  #headers: Record<string, string> | undefined;
  #signal: AbortSignal | undefined;

  constructor(request: IncomingMessage, response: ServerResponse) {
    const url = request.url ?? '/';
    const mark = url.indexOf('?');
    this.method = request.method ?? '';
    this.path = mark < 0 ? url : url.slice(0, mark);
    this.search = mark < 0 ? '' : url.slice(mark + 1);
    this.rawHeaders = request.rawHeaders;
    this.peer = request.socket.remoteAddress ?? '';
    this.body = request;
    this.#response = response;
  }

  get headers(): Record<string, string> {
    this.#headers ??= toTextHeaders(this.body);
    return this.#headers;
  }

  get clientCertificate(): string | undefined {
    return toCertificateHash(this.body.socket);
  }

  get signal(): AbortSignal {
    this.#signal ??= toSignal(this.#response);
    return this.#signal;
  }
}

/** Aborts when the caller hangs up, or at once where they have. */
function toSignal(response: ServerResponse): AbortSignal {
  const hungUp = new AbortController();
  if (response.destroyed && !response.writableFinished) hungUp.abort();
  response.once('close', () => {
    if (!response.writableFinished) hungUp.abort();
  });
  return hungUp.signal;
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

interface WritingMeans {
  readonly stalls: Deadlines<ServerResponse>;
  readonly lingering: Deadlines<IncomingMessage>;
}

/** Resolves when the answer is with the operating system, or the caller is gone. */
function write(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  { stalls, lingering }: WritingMeans,
): Promise<{ aborted: boolean }> {
  return new Promise((resolve) => {
    if (response.destroyed) {
      resolve({ aborted: true });
      return;
    }
    response.once('close', () => {
      stalls.delete(response);
      resolve({ aborted: !response.writableFinished });
    });
    response.once('finish', () => resolve({ aborted: false }));
    // A small body is read to its end, so that a refusal does not cost a new connection.
    const unread = !request.complete && !isSmall(request);
    response.writeHead(answer.status, {
      ...answer.headers,
      'content-length': Buffer.byteLength(answer.body),
      ...(unread ? { connection: 'close' } : {}),
    });
    response.end(answer.body);
    stalls.add(response);
    if (!request.complete) throwAway(request, lingering);
  });
}

/** Memory is held until an answer is taken: whoever does not read must not hold it for ever. */
function createStallGuard(stalledMs: number): Deadlines<ServerResponse> {
  const taken = new WeakMap<ServerResponse, number>();
  const guard: Deadlines<ServerResponse> = createDeadlines(stalledMs, (response) => {
    const { socket } = response;
    if (socket === null) return;
    const now = socket.bytesWritten - socket.writableLength;
    if (now === taken.get(response)) socket.destroy();
    else guard.add(response);
    taken.set(response, now);
  });
  return guard;
}

/** Bodies up to so many bytes, as declared, are thrown away to their end. */
const smallBytesMax = 65_536;

function isSmall({ rawHeaders }: IncomingMessage): boolean {
  const declared = rawHeader(rawHeaders, 'content-length');
  return declared !== undefined && Number(declared) <= smallBytesMax;
}

/** A caller still sending what we refused would not read the answer if we cut at once. */
function throwAway(request: IncomingMessage, lingering: Deadlines<IncomingMessage>): void {
  request.resume();
  lingering.add(request);
  request.once('close', () => lingering.delete(request));
}
