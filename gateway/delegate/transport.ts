/**
 * HTTP to one upstream: a keep-alive pool, one deadline per call, a bounded queue, a capped
 * answer. Everything that goes wrong is an UpstreamFailure without URL, header or body.
 *
 * The path `/` stands for the configured URL itself; any other path goes under it. Every call is
 * written into the request's record, whether it was sent or not. No two calls share an answer.
 */
import { type Dispatcher, Pool } from 'undici';
import { UpstreamFailure } from '../errors.ts';
import { randomHex } from '../random-hex.ts';
import { recordUpstreamCall } from '../request.ts';
import { createTimeouts } from '../timeouts.ts';
import { type ConnectionMeans, type ConnectionOptions, toConnect } from './connector.ts';
import { openTokenEndpoint } from './oauth-endpoint.ts';
import { createTokenSource, type OauthOptions } from './oauth-token.ts';
import { withToken } from './oauth-transport.ts';
import { Exchange } from './transport-exchange.ts';
import { compileHeaders, type HeaderOptions } from './transport-headers.ts';
import type { DelegationContext, Transport, UpstreamRequest } from './upstream.ts';

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
  /** Milliseconds of a finer clock, for durations; default `now`. */
  readonly tick?: () => number;
}

export interface UpstreamTransport {
  readonly send: Transport;
  /** Waits for what is under way, then closes the connections; later calls fail. */
  close(): Promise<void>;
}

/** Opens a transport; throws where URL, headers or forward are unsafe. Connects on first use. */
export function createTransport(
  options: TransportOptions,
  means: TransportMeans,
): UpstreamTransport {
  const { upstream, timeoutMs, connections = 64, waitingMax = 1000 } = options;
  const base = readBaseUrl(upstream, options.url);
  const buildHeaders = compileHeaders(options);
  const tick = means.tick ?? means.now;
  const newSpanId = means.newSpanId ?? (() => randomHex(8));
  const pool = new Pool(base.origin, {
    connections,
    pipelining: 1,
    allowH2: false,
    connectTimeout: timeoutMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: { timeout: timeoutMs, ...toConnect(options, means) },
  });
  let unfinished = 0;
  let closed = false;

  const timeouts = createTimeouts<Exchange>((exchange) =>
    exchange.stop('timeout', 'UPSTREAM_TIMEOUT'),
  );
  const whenDone = (): void => {
    unfinished -= 1;
  };
  const refuseFull = (): void => {
    if (closed) throw new UpstreamFailure({ upstream, why: 'transport closed' });
    if (unfinished >= connections + waitingMax) {
      throw new UpstreamFailure({ upstream, why: 'queue full' });
    }
  };

  const sendWith = (
    request: UpstreamRequest,
    context: DelegationContext,
    authorization?: string,
  ): ReturnType<Transport> => {
    const startedMs = means.now();
    const startedTick = tick();
    const spanId = newSpanId();
    const { signal, deadlineMs } = context;
    let exchange: Exchange | undefined;
    let place = 0;
    const note = (failure: string | undefined): void =>
      recordUpstreamCall(context.record, {
        upstream,
        operation: request.label,
        status: exchange?.status ?? 0,
        durationMs: tick() - startedTick,
        startedAtMs: startedMs,
        ...(exchange && { spanId }),
        responseBytes: exchange?.receivedBytes ?? 0,
        ...(request.attempt !== undefined && { attempt: request.attempt }),
        ...(failure !== undefined && { failure }),
      });
    try {
      const dispatch = toDispatch(upstream, base, request);
      const headers = buildHeaders(request, context, spanId);
      if (authorization !== undefined) headers.authorization = authorization;
      const endMs = Math.min(startedMs + timeoutMs, deadlineMs);
      refuseTooLate(upstream, context, startedMs);
      refuseFull();
      const sent: Exchange = new Exchange({
        upstream,
        responseBytesMax: options.responseBytesMax,
        whenDone,
        whenSettled(failure) {
          timeouts.delete(sent, place);
          signal.removeEventListener('abort', onAbort);
          note(failure?.why);
        },
      });
      // The spine's signal also stands for the operation's own deadline.
      const onAbort = (): void =>
        means.now() >= deadlineMs
          ? sent.stop('timeout', 'UPSTREAM_TIMEOUT')
          : sent.stop('cancelled');
      exchange = sent;
      unfinished += 1;
      place = timeouts.add(sent, endMs - startedMs);
      signal.addEventListener('abort', onAbort, { once: true });
      pool.dispatch({ ...dispatch, headers }, sent);
      return sent.answer;
    } catch (error) {
      if (exchange !== undefined) timeouts.delete(exchange, place);
      note(error instanceof UpstreamFailure ? error.why : 'fault of the gateway');
      return Promise.reject(error);
    }
  };

  const endpoint = options.oauth && openTokenEndpoint({ ...options, ...options.oauth }, means);
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await Promise.all([pool.close(), endpoint?.close()]);
  };
  if (options.oauth === undefined || endpoint === undefined) return { send: sendWith, close };
  const tokens = createTokenSource(upstream, options.oauth, { ...means, post: endpoint.post });
  return { send: withToken(sendWith, tokens, { upstream, now: means.now }), close };
}

interface BaseUrl {
  readonly origin: string;
  readonly path: string;
  /** The path without a slash at its end. */
  readonly prefix: string;
}

function readBaseUrl(upstream: string, text: string): BaseUrl {
  if (!URL.canParse(text)) throw new Error(`upstream ${upstream}: url is no URL`);
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Error(`upstream ${upstream}: url must be http or https`);
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new Error(`upstream ${upstream}: url must hold no credentials, query or fragment`);
  }
  return { origin: url.origin, path: url.pathname, prefix: url.pathname.replace(/\/$/, '') };
}

/** A second lock behind the callers' encoding: the path cannot leave the base URL. */
function toDispatch(
  upstream: string,
  base: BaseUrl,
  { method, path, body }: UpstreamRequest,
): Dispatcher.DispatchOptions {
  const mark = path.indexOf('?');
  const plain = mark < 0 ? path : path.slice(0, mark);
  const isUnsafe =
    !/^\/(?!\/)[\x21-\x7e]*$/.test(path) ||
    /[#\\]/.test(path) ||
    /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(plain);
  if (isUnsafe) throw new UpstreamFailure({ upstream, why: 'request path refused' });
  const joined = path === '/' ? base.path : base.prefix + path;
  return { method, path: joined, body: body ?? null };
}

function refuseTooLate(upstream: string, context: DelegationContext, nowMs: number): void {
  if (nowMs >= context.deadlineMs) {
    throw new UpstreamFailure({ upstream, why: 'timeout', code: 'UPSTREAM_TIMEOUT' });
  }
  if (context.signal.aborted) throw new UpstreamFailure({ upstream, why: 'cancelled' });
}
