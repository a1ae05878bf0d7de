/**
 * The HTTP layer: our own node:http (or https) server in front of the walk, with limits on
 * everything that a connection can hold, and a graceful shutdown.
 */
import { createServer as createHttpServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { Address } from '../addresses/ip-address.ts';
import type { Gateway } from '../gateway-options.ts';
import type { Answer } from '../shape/answer.ts';
import { turnEndQueue } from '../time/turn-end.ts';
import { answerUnread } from './answer-unread.ts';
import { type TlsTexts, toTlsOptions } from './client-certificate.ts';
import { connectionsMax } from './connection-room.ts';
import { ConnectionShares } from './connection-shares.ts';
import { createLingering, createStallGuard, type ExchangeMeans } from './exchange-means.ts';
import { createHoldBack } from './hold-back.ts';
import type { Owed } from './owed-answers.ts';
import type { PortFailures } from './port-failures.ts';
import { createRequestListener } from './request-listener.ts';
import { keepAliveMs } from './socket-exchange.ts';

export interface ServerOptions {
  readonly host: string;
  readonly port: number;
  /** With `clientCa`, clients are asked for a certificate, which is optional. */
  readonly tls: TlsTexts | undefined;
  /** With more, one is cut: of the network that holds most, or the newcomer; default 10,000. */
  readonly connectionsMax?: number;
  /** Whether connections from there stand for many clients; default: none. */
  readonly isProxy?: (address: Address) => boolean;
  /** How long a client may read nothing of its answer; default 30 s. */
  readonly stalledMs?: number;
  /** Called with failures while listening, such as accepting a connection; the port stays open. */
  readonly failed?: PortFailures;
  /** Spare capacity in requests throughout the time since the last call; absent: unknown. */
  readonly room?: () => number;
  /** Answers a request that is not GraphQL before the walk (the page of `--dev`). */
  readonly aside?: (request: IncomingMessage) => Answer | undefined;
}

export interface RunningServer {
  readonly port: number;
  /** Number of connections whose request was shed and that are not being read. */
  heldBack(): number;
  /** Sets the certificates of new connections. Throws Error if they cannot be used. */
  secure(tls: TlsTexts): void;
  /**
   * Stops accepting connections, waits up to `graceMs` for requests in progress, then cuts. Idle
   * connections are cut at once, or after `idleMs`: until then a request on one is answered, as its
   * last.
   */
  close(graceMs: number, idleMs?: number): Promise<void>;
}

const headersTimeout = 10_000;
const limits = {
  maxHeaderSize: 16_384,
  /** Bounds how long slow headers and bodies hold a connection. */
  headersTimeout,
  requestTimeout: 30_000,
  keepAliveTimeout: keepAliveMs,
  // Node would answer by itself, bypassing every rule and the audit record.
  requireHostHeader: false,
  connectionsCheckingInterval: 1_000,
} as const;
/** Node's default is two minutes. */
const handshakeTimeout = headersTimeout;
/**
 * Length of the accept queue, if the system allows it (net.core.somaxconn on Linux). The event loop
 * accepts one connection per turn; a connection that does not fit waits for seconds, until its
 * client retransmits.
 */
const backlogMax = 4_096;
/** Connections accepted beyond the most, until as many others are closed. */
const newcomersMax = 64;
/** Time for reading held-back connections before they count as idle. */
const unreadMs = 500;
/** A client that reads nothing of its answer for this long is considered gone. */
const stalledMsDefault = 30_000;

/** Starts listening; rejects if the port is unavailable. */
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
  const { listener, noteUpgrade } = createRequestListener({
    gateway,
    owed,
    means,
    isDraining: () => state.draining,
    aside: options.aside,
  });
  const wire = { ...limits, shouldUpgradeCallback: noteUpgrade };
  const server =
    options.tls === undefined
      ? createHttpServer(wire, listener)
      : createHttpsServer({ ...wire, ...toTlsOptions(options.tls), handshakeTimeout }, listener);
  const most = options.connectionsMax ?? connectionsMax;
  const shares = new ConnectionShares({
    connectionsMax: most,
    isBusy: (socket) => (owed.get(socket)?.count ?? 0) > 0,
    isProxy: options.isProxy ?? (() => false),
  });
  // A newcomer is there before the connection that is cut for it is gone.
  server.maxConnections = most + newcomersMax;
  // Otherwise a worker returns the connection to the primary, and full workers would pass it on
  // endlessly. Node's types lack this property.
  Object.assign(server, { dropMaxConnection: true });
  watchSockets(server, shares);
  // Node would answer 417 by itself, bypassing every rule and the audit record.
  server.on('checkExpectation', listener);
  answerUnread(server, gateway, owed);
  await listen(server, options);
  // An error event without a listener ends the process.
  server.on('error', (error) => options.failed?.(error));
  return {
    port: (server.address() as AddressInfo).port,
    heldBack: holdBack.size,
    secure(tls) {
      if (server instanceof HttpsServer) server.setSecureContext(toTlsOptions(tls));
    },
    close(graceMs, idleMs = 0) {
      state.draining = true;
      // Requests waiting unread are answered, as the last of their connections.
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

function watchSockets(server: Server, shares: ConnectionShares): void {
  const isSecured = server instanceof HttpsServer;
  // The system forgets the address when a connection is reset: read now, it stays cached.
  const noteAddress = (socket: Socket): void => void socket.remoteAddress;
  server.on('connection', noteAddress).on('secureConnection', noteAddress);
  server.on('connection', (socket: Socket) => shares.take(socket, isSecured));
  server.on('secureConnection', (socket: Socket) => shares.secure(socket));
  // A client that half-closes is cut in this turn: ready answers must be sent before that.
  // Prepended, because Node's own listener is already there.
  const releaseReady = (): void => turnEndQueue.release();
  const opened = isSecured ? 'secureConnection' : 'connection';
  server.on(opened, (socket: Socket) => void socket.prependListener('end', releaseReady));
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
  // Not http's own close, which cuts idle connections, and with them requests in transit.
  NetServer.prototype.close.call(server, () => resolve());
  const idle = setTimeout(cutIdle, cutAfterMs);
  if (cutAfterMs === 0) cutIdle();
  await promise;
  clearTimeout(timer);
  clearTimeout(idle);
}
