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
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { Gateway } from '../gateway-options.ts';
import type { Answer } from '../shape/answer.ts';
import { turnEndQueue } from '../time/turn-end.ts';
import { type TlsTexts, toTlsOptions } from './client-certificate.ts';
import { connectionsMax } from './connection-room.ts';
import { createLingering, createStallGuard, type ExchangeMeans } from './exchange-means.ts';
import { createHoldBack } from './hold-back.ts';
import { abortWaiting, type Owed } from './owed-answers.ts';
import type { PortFailures } from './port-failures.ts';
import { keepAliveMs, SocketExchange } from './socket-exchange.ts';
import { handshakeFailureOf, UnreadRequest, unreadOf } from './unread-request.ts';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** With `clientCa` callers are asked for a certificate, and may have none. */
  readonly tls: TlsTexts | undefined;
  /** Further ones are dropped; 10,000 unless told. */
  readonly connectionsMax?: number;
  /** How long a caller may take nothing of its answer; 30 s unless told. */
  readonly stalledMs?: number;
  /** Gets what fails while it listens, as taking a connection may; the port stays open. */
  readonly failed?: PortFailures;
  /** Requests that there was room for all the time since this was last asked; absent: that is not known. */
  readonly room?: () => number;
  /** Answers a request before the walk, for what is not GraphQL (the page of `--dev`). */
  readonly aside?: (request: IncomingMessage) => Answer | undefined;
}

export interface RunningServer {
  readonly port: number;
  /** Connections whose request was shed and that are not read now. */
  heldBack(): number;
  /** Certificates for connections from now on. Throws Error where they cannot be used. */
  secure(tls: TlsTexts): void;
  /**
   * Takes no more connections, waits for what runs up to `graceMs`, then cuts. Idle connections are
   * cut at once, or after `idleMs`: until then a request on one is answered, as its last.
   */
  close(graceMs: number, idleMs?: number): Promise<void>;
}

const headersTimeout = 10_000;
const limits = {
  maxHeaderSize: 16_384,
  /** Slow headers and bodies hold a connection no longer than this. */
  headersTimeout,
  requestTimeout: 30_000,
  keepAliveTimeout: keepAliveMs,
  // Node would answer by itself, around every rule and without a record.
  requireHostHeader: false,
  connectionsCheckingInterval: 1_000,
} as const;
/** Node's own is two minutes. */
const handshakeTimeout = headersTimeout;
/**
 * Connections that wait to be taken, where the system allows so many (net.core.somaxconn of Linux).
 * One is taken in each turn of the event loop; what the queue does not hold waits for seconds until
 * its caller's system tries again.
 */
const backlogMax = 4_096;
/** Connections that were held back are not idle until they had so long to be read. */
const unreadMs = 500;
/** A caller that takes nothing of its answer for so long is gone. */
const stalledMsDefault = 30_000;

/** Listens; rejects where the port cannot be had. */
export async function startServer(
  gateway: Gateway,
  options: ServerOptions,
): Promise<RunningServer> {
  const { stalledMs = stalledMsDefault } = options;
  const owed = new WeakMap<Socket, Owed>();
  const holdBack = createHoldBack({
    room: options.room ?? (() => 0),
    isBusy: (socket) => (owed.get(socket)?.count ?? 0) > 0,
  });
  const state = { draining: false, cutsIdle: false };
  const means: ExchangeMeans = {
    stalls: createStallGuard(stalledMs),
    lingering: createLingering(),
    holdBack,
    cutsIdle: () => state.cutsIdle,
  };
  let upgrading: IncomingMessage | undefined;
  const wire = {
    ...limits,
    // Of those that ask for another protocol Node loses what came in one piece behind them: whoever
    // sent it would take the next answer for its own. Asked right before the listener.
    shouldUpgradeCallback: (request: IncomingMessage): boolean => {
      upgrading = request;
      return false;
    },
  };
  const inDoubt = new WeakSet<Socket>();
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    turnEndQueue.releaseLate();
    if (inDoubt.has(request.socket)) return;
    const exchange = new SocketExchange(request, response, means);
    if (!exchange.mayBeOwed(owed)) return;
    // Of a body whose end nobody knows: what comes behind it may be a part of it.
    if (exchange.protocolRefusal !== undefined && request.httpVersion === '1.0')
      inDoubt.add(request.socket);
    // Its answer is the last of its connection: a busy one would go on taking work for ever.
    if (state.draining || request === upgrading) response.shouldKeepAlive = false;
    upgrading = undefined;
    const aside = exchange.protocolRefusal === undefined ? options.aside?.(request) : undefined;
    try {
      if (aside !== undefined) void exchange.write(aside);
      else
        void gateway.handle(exchange, (answer) => {
          if (state.draining && exchange.isLast()) response.shouldKeepAlive = false;
          return exchange.write(answer);
        });
    } catch (error) {
      // A fault of ours costs this caller its connection, and nobody the process.
      request.socket.destroy();
      void Promise.reject(error);
    }
    exchange.owe();
  };
  const server =
    options.tls === undefined
      ? createHttpServer(wire, listener)
      : createHttpsServer({ ...wire, ...toTlsOptions(options.tls), handshakeTimeout }, listener);
  server.maxConnections = options.connectionsMax ?? connectionsMax;
  // A worker would give it back, and where all are full they would hand it round for ever. Node's types
  // do not have this.
  Object.assign(server, { dropMaxConnection: true });
  // The system forgets it when a connection is reset: asked for now, it is known to the end.
  const noteAddress = (socket: Socket): void => void socket.remoteAddress;
  server.on('connection', noteAddress).on('secureConnection', noteAddress);
  // Who sends no more is cut off in this turn: an answer that is ready goes before that. In front,
  // since Node has listened from the beginning.
  const releaseReady = (): void => turnEndQueue.release();
  const departFirst = (socket: Socket): void => void socket.prependListener('end', releaseReady);
  server.on(options.tls === undefined ? 'connection' : 'secureConnection', departFirst);
  // Node would answer 417 by itself, around every rule and without a record.
  server.on('checkExpectation', listener);
  const owedTo = (socket: Socket): number => owed.get(socket)?.count ?? 0;
  const refuseUnread = (socket: Socket, toRequest: (mayAnswer: boolean) => UnreadRequest): void => {
    // What follows ends the connection.
    turnEndQueue.release();
    try {
      const request = toRequest(owedTo(socket) === 0);
      void gateway.handle(request, (answer) => request.write(answer));
    } catch (error) {
      socket.destroy();
      void Promise.reject(error);
    }
  };
  const broken = new WeakSet<Socket>();
  server.on('clientError', (error, socket: Socket) => {
    const failure = handshakeFailureOf(error, socket);
    if (failure !== undefined) {
      refuseUnread(socket, () => new UnreadRequest(socket, { unread: failure, mayAnswer: false }));
      // Its end would wait for a handshake that never comes to one.
      socket.destroy();
      return;
    }
    const unread = broken.has(socket) ? 'gone' : unreadOf(error, socket, owedTo(socket));
    if (unread === 'after') return;
    // What comes behind it on the same connection is broken as well.
    broken.add(socket);
    if (unread === 'gone') socket.destroy();
    else refuseUnread(socket, (mayAnswer) => new UnreadRequest(socket, { unread, mayAnswer }));
  });
  server.on('connect', (request, socket: Socket) => {
    // Node listens to it no more: neither for its errors, nor to end what waits for its turn on it.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => abortWaiting(owed.get(socket)));
    refuseUnread(socket, (mayAnswer) => UnreadRequest.tunnel(request, mayAnswer));
  });
  await listen(server, options);
  // One that nobody listens for ends the process.
  server.on('error', (error) => options.failed?.(error));
  return {
    port: (server.address() as AddressInfo).port,
    heldBack: holdBack.size,
    secure(tls) {
      if (server instanceof HttpsServer) server.setSecureContext(toTlsOptions(tls));
    },
    close(graceMs, idleMs = 0) {
      state.draining = true;
      // What waits unread is answered, as the last of its connection.
      const waiting = holdBack.size();
      holdBack.release();
      const cutIdle = (): void => {
        state.cutsIdle = true;
        server.closeIdleConnections();
      };
      const cutAfterMs = waiting > 0 ? Math.max(idleMs, unreadMs) : idleMs;
      return close(server, { graceMs, cutAfterMs, cutIdle });
    },
  };
}

function listen(server: Server, { host, port }: ServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog: backlogMax }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

async function close(
  server: Server,
  about: { graceMs: number; cutAfterMs: number; cutIdle: () => void },
): Promise<void> {
  const { graceMs, cutAfterMs, cutIdle } = about;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  // Not http's own close: that cuts idle connections, and with them requests that are on their way.
  NetServer.prototype.close.call(server, () => resolve());
  const idle = setTimeout(cutIdle, cutAfterMs);
  if (cutAfterMs === 0) cutIdle();
  await promise;
  clearTimeout(timer);
  clearTimeout(idle);
}
