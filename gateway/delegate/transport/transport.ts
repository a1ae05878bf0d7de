/**
 * HTTP to one upstream: a keep-alive pool, one deadline per call, a bounded queue, a size limit for
 * answers. Every fault is an UpstreamFailure without URL, header or body.
 *
 * The path `/` means the configured URL itself; any other path is appended to it. Every call is
 * recorded in the request's record, whether it was sent or not. No two calls share an answer.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { type Dispatcher, Pool } from 'undici';
import { UpstreamFailure } from '../../errors.ts';
import { randomHex } from '../../random-hex.ts';
import { recordUpstreamCall } from '../../request.ts';
import { createTimeouts, type Timeouts } from '../../time/timeouts.ts';
import { toMicros } from '../../time/to-micros.ts';
import { type Deferred, type TurnEndQueue, turnEndQueue } from '../../time/turn-end.ts';
import { faultOfOurs, type NotedFailure, toNotedFailure } from '../noted-failure.ts';
import type { CallContext, Transport, UpstreamRequest } from '../upstream.ts';
import { readBaseUrl, toDispatch } from './base-url.ts';
import {
  type ConnectionMeans,
  type ConnectionOptions,
  createConnector,
  type TlsOptions,
  toConnect,
} from './connector.ts';
import { openTokenEndpoint } from './oauth-endpoint.ts';
import { createTokenSource, type OauthOptions } from './oauth-token.ts';
import { withToken } from './oauth-transport.ts';
import { createPlainConnector } from './plain-connector.ts';
import { Exchange, type ExchangeOptions } from './transport-exchange.ts';
import { compileHeaders, type HeaderOptions } from './transport-headers.ts';

export interface TransportOptions extends HeaderOptions, ConnectionOptions {
  /** http or https, without credentials, query or fragment. */
  readonly url: string;
  readonly timeoutMs: number;
  readonly responseBytesMax: number;
  /** Default 64. */
  readonly connections?: number;
  /** Requests that may wait for a connection; default 1000. */
  readonly waitingMax?: number;
  /** The gateway's own token, sent as `authorization` with every call. */
  readonly oauth?: (OauthOptions & { readonly tokenUrl: string }) | undefined;
}

export interface TransportMeans extends ConnectionMeans {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** 16 lower-case hex digits, fresh for each call. */
  readonly newSpanId?: () => string;
  /** Milliseconds on the clock of deadlines, also used for durations; default `now`. */
  readonly tick?: () => number;
  /** Default: the queue of the process. */
  readonly turnEnd?: Pick<TurnEndQueue, 'atTurnEnd'>;
}

export interface UpstreamTransport {
  readonly send: Transport;
  /** Sets the certificates of new connections; open ones are used for up to one more minute. */
  secure(tls: TlsOptions | undefined): void;
  /** Waits for calls in flight, then closes the connections; later calls fail. */
  close(): Promise<void>;
}

/**
 * Longest lifetime of a connection. A busy one would otherwise last for ever, wherever the
 * upstream's name resolves by now: a new one resolves and checks the name, and verifies the
 * certificate, again.
 */
const connectionMsMax = 60_000;

/** Creates a transport; throws Error if URL or header rules are unsafe. Connects on first use. */
export function createTransport(
  options: TransportOptions,
  means: TransportMeans,
): UpstreamTransport {
  const { upstream, timeoutMs, connections = 64, waitingMax = 1000 } = options;
  const base = readBaseUrl(upstream, options.url);
  const buildHeaders = compileHeaders(options);
  const newSpanId = means.newSpanId ?? (() => randomHex(8));
  const connector = createConnector(options, means);
  const isPlain = base.origin.startsWith('http:');
  const pool = openPool(base.origin, {
    connections,
    connectTimeout: timeoutMs,
    connect: isPlain
      ? createPlainConnector({ timeout: timeoutMs, ...toConnect(options, means) })
      : connector.connect,
  });
  let unfinished = 0;
  let closed = false;

  const calls: CallOptions = {
    pool,
    turnEnd: means.turnEnd ?? turnEndQueue,
    upstream,
    responseBytesMax: options.responseBytesMax,
    now: means.now,
    tick: means.tick ?? means.now,
    timeouts: createTimeouts<Exchange>((exchange) => exchange.stop('timeout')),
    whenDone: () => {
      unfinished -= 1;
    },
  };
  const refuseFull = (): void => {
    if (closed) throw new UpstreamFailure({ upstream, kind: 'transport closed' });
    if (unfinished >= connections + waitingMax) {
      throw new UpstreamFailure({ upstream, kind: 'queue full' });
    }
  };

  const sendWith = (
    request: UpstreamRequest,
    context: CallContext,
    authorization?: string,
  ): ReturnType<Transport> => {
    const call = new Call(calls, { request, context, spanId: newSpanId() });
    try {
      const dispatch = toDispatch(upstream, base, request);
      const headers = buildHeaders(request, context, call.spanId);
      if (authorization !== undefined) headers.authorization = authorization;
      dispatch.headers = headers;
      refuseTooLate(upstream, context, call.startedTick);
      refuseFull();
      unfinished += 1;
      call.begin(timeoutMs, dispatch);
      return call.answer;
    } catch (error) {
      call.fail(error);
      return Promise.reject(error);
    }
  };

  const endpoint = options.oauth && openTokenEndpoint({ ...options, ...options.oauth }, means);
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    // Calls made before are sent first.
    await turn();
    await Promise.all([pool.close(), endpoint?.close()]);
  };
  const secure = (tls: TlsOptions | undefined): void => {
    connector.secure(tls);
    endpoint?.secure(tls);
  };
  if (options.oauth === undefined || endpoint === undefined) {
    return { send: sendWith, secure, close };
  }
  const tokens = createTokenSource(upstream, options.oauth, { ...means, post: endpoint.post });
  return { send: withToken(sendWith, tokens, { upstream, now: calls.tick }), secure, close };
}

const openPool = (
  origin: string,
  options: Pick<Pool.Options, 'connections' | 'connectTimeout' | 'connect'>,
): Pool =>
  new Pool(origin, {
    ...options,
    pipelining: 1,
    allowH2: false,
    clientTtl: connectionMsMax,
    // Each call has its own timeout for all of its phases.
    headersTimeout: 0,
    bodyTimeout: 0,
  });

interface CallOptions extends ExchangeOptions {
  readonly pool: Pool;
  readonly turnEnd: Pick<TurnEndQueue, 'atTurnEnd'>;
  readonly now: () => number;
  readonly tick: () => number;
  readonly timeouts: Timeouts<Exchange>;
}

/** One call of one request: its exchange, its timeout, and its entry in the record. */
class Call extends Exchange implements Deferred {
  readonly spanId: string;
  readonly startedMs: number;
  readonly #options: CallOptions;
  readonly #request: UpstreamRequest;
  readonly #context: CallContext;
  readonly startedTick: number;
  #dispatch: Dispatcher.DispatchOptions | undefined;
  #isSent = false;
  #place = 0;
  // The request's signal also aborts at the operation's own deadline.
  readonly #onAbort = (): void => {
    if (this.#options.tick() < this.#context.deadlineMs) this.stop('cancelled');
    else this.stop('timeout');
  };

  constructor(
    options: CallOptions,
    about: { request: UpstreamRequest; context: CallContext; spanId: string },
  ) {
    super(options);
    this.spanId = about.spanId;
    this.startedMs = options.now();
    this.#options = options;
    this.#request = about.request;
    this.#context = about.context;
    this.startedTick = options.tick();
  }

  /** Sends the call at the end of the turn. From here on its timeout and the signal can end it. */
  begin(timeoutMs: number, dispatch: Dispatcher.DispatchOptions): void {
    const { signal, deadlineMs } = this.#context;
    const timeMs = Math.min(timeoutMs, deadlineMs - this.startedTick);
    this.#place = this.#options.timeouts.add(this, timeMs);
    signal.addEventListener('abort', this.#onAbort, { once: true });
    this.#dispatch = dispatch;
    this.#options.turnEnd.atTurnEnd(this);
  }

  flush(): void {
    const dispatch = this.#dispatch;
    if (dispatch === undefined || !this.mayDepart()) return;
    this.#isSent = true;
    try {
      this.#options.pool.dispatch(dispatch, this);
    } catch (error) {
      this.stop('other', faultOfOurs.failure);
      this.letGo();
      throw error;
    }
  }

  /** Records a call that was not sent. */
  fail(error: unknown): void {
    this.#options.timeouts.delete(this, this.#place);
    this.#note(toNotedFailure(error));
  }

  protected override settled(failure: UpstreamFailure | undefined): void {
    this.#options.timeouts.delete(this, this.#place);
    this.#context.signal.removeEventListener('abort', this.#onAbort);
    this.#note(failure && toNotedFailure(failure));
  }

  #note(noted: NotedFailure | undefined): void {
    recordUpstreamCall(this.#context.record, {
      upstream: this.#options.upstream,
      operation: this.#request.label,
      status: this.status,
      durationMs: toMicros(this.#options.tick() - this.startedTick),
      startedAtMs: this.startedMs,
      spanId: this.#isSent ? this.spanId : undefined,
      responseBytes: this.receivedBytes,
      attempt: this.#request.attempt,
      failure: noted?.failure,
      failureKind: noted?.failureKind,
    });
  }
}

function refuseTooLate(upstream: string, context: CallContext, nowMs: number): void {
  if (nowMs >= context.deadlineMs) {
    throw new UpstreamFailure({ upstream, kind: 'timeout' });
  }
  if (context.signal.aborted) throw new UpstreamFailure({ upstream, kind: 'cancelled' });
}
