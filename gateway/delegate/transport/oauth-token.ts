/**
 * The gateway's own token for one upstream (RFC 6749, 4.4): requested on demand, renewed before it
 * expires by a single request, and used until the new one has arrived, so that a slow or briefly
 * unavailable endpoint affects no call while the old one is valid.
 *
 * Fails closed: without a token nothing is sent. Failures contain no secret, no token and no text
 * of the token endpoint. Renewals after a refusal are spaced, so that an upstream that refuses
 * every token cannot make the gateway flood the token endpoint.
 */
import { UpstreamFailure } from '../../errors.ts';
import { toAbortSignal } from '../../time/stop-signal.ts';
import { untilAborted } from '../../time/until-aborted.ts';
import type { CallContext, UpstreamAnswer } from '../upstream.ts';

export interface OauthOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope?: string | undefined;
  readonly audience?: string | undefined;
}

export interface TokenMeans {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds on the clock of deadlines; default `now`. */
  readonly tick?: () => number;
  /** POSTs a form to the token endpoint within its own bounds; throws UpstreamFailure. */
  readonly post: (
    form: string,
    headers: Readonly<Record<string, string>>,
  ) => Promise<UpstreamAnswer>;
}

export interface TokenSource {
  /** The held token, if it is usable; starts a renewal if it expires soon. */
  current(): string | undefined;
  /** A token, awaited within the call's bounds; throws UpstreamFailure. */
  obtain(context: CallContext): Promise<string>;
  /** Reports that the upstream refused a token; false if no other should be tried. */
  refuse(token: string): boolean;
}

interface Held {
  readonly token: string;
  readonly sinceMs: number;
  /** From `sinceMs`: how long no renewal is needed, and how long the token is used. */
  readonly freshMs: number;
  readonly usableMs: number;
}

/** Used if the endpoint states no lifetime. */
const lifeMsDefault = 60_000;
/** Lower bound: with a shorter lifetime every call would request a token. */
const lifeMsMin = 1_000;
const lifeMsMax = 24 * 3_600_000;
/** A token is renewed this long before its end, but not before nine tenths of its lifetime. */
const marginMsMax = 30_000;
/** A token is used until this long before its end: requests take time, and clocks differ. */
const restMsMax = 5_000;
/** Pause after a failed request for a token. */
const failedMs = 1_000;
const waitMsMax = 300_000;
/** Least time between renewals because of a refused token. */
const refusedRestMs = 5_000;

export function createTokenSource(
  upstream: string,
  options: OauthOptions,
  means: TokenMeans,
): TokenSource {
  const { now, tick = now } = means;
  const { form, headers } = toTokenRequest(options);
  let held: Held | undefined;
  let underWay: Promise<string> | undefined;
  let failed: { readonly failure: UpstreamFailure; readonly sinceMs: number } | undefined;
  let refusedMs = Number.NEGATIVE_INFINITY;

  /** Setting the clock back ends every period: nothing lasts longer than intended. */
  const isWithin = (sinceMs: number, lengthMs: number): boolean => {
    const ageMs = now() - sinceMs;
    return ageMs >= 0 && ageMs < lengthMs;
  };
  const renew = async (): Promise<string> => {
    try {
      const askedMs = now();
      const { token, lifeMs } = readToken(upstream, await means.post(form, headers));
      const freshMs = lifeMs - Math.min(marginMsMax, lifeMs / 10);
      held = {
        token,
        sinceMs: askedMs,
        freshMs,
        usableMs: lifeMs - Math.min(restMsMax, lifeMs / 20),
      };
      return token;
    } catch (error) {
      const failure = toFailure(upstream, error);
      failed = { failure, sinceMs: now() };
      throw failure;
    } finally {
      underWay = undefined;
    }
  };
  /** One renewal at a time, and none right after a failed one. */
  const begin = (): Promise<string> => {
    if (underWay === undefined && failed !== undefined && isWithin(failed.sinceMs, failedMs)) {
      return Promise.reject(failed.failure);
    }
    underWay ??= renew();
    return underWay;
  };

  return {
    current() {
      if (held === undefined || !isWithin(held.sinceMs, held.usableMs)) return undefined;
      // If it fails, a later call without a usable token tries again and gets the failure.
      if (!isWithin(held.sinceMs, held.freshMs)) begin().catch(() => undefined);
      return held.token;
    },
    obtain: (context) => waitFor(begin(), { upstream, context, nowMs: tick() }),
    refuse(token) {
      // Another call may have renewed it meanwhile: then the new token is tried.
      if (held?.token !== token) return true;
      if (isWithin(refusedMs, refusedRestMs)) return false;
      refusedMs = now();
      held = undefined;
      return true;
    },
  };
}

/** A caller's deadline ends its own wait, never the request that others share. */
async function waitFor(
  token: Promise<string>,
  about: { upstream: string; context: CallContext; nowMs: number },
): Promise<string> {
  const { upstream, context, nowMs } = about;
  // AbortSignal.timeout takes integers only; a deadline may have fractions.
  const leftMs = Math.ceil(Math.min(Math.max(0, context.deadlineMs - nowMs), waitMsMax));
  const late = AbortSignal.timeout(leftMs);
  try {
    return await untilAborted(token, AbortSignal.any([toAbortSignal(context.signal), late]));
  } catch (error) {
    if (error instanceof UpstreamFailure) throw error;
    const isLate = late.aborted && !context.signal.aborted;
    if (isLate) throw new UpstreamFailure({ upstream, kind: 'timeout' });
    throw new UpstreamFailure({ upstream, kind: 'cancelled' });
  }
}

function toTokenRequest({ clientId, clientSecret, scope, audience }: OauthOptions) {
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (scope !== undefined) form.set('scope', scope);
  if (audience !== undefined) form.set('audience', audience);
  // RFC 6749, 2.3.1: both are form-encoded before they are joined.
  const pair = `${encode(clientId)}:${encode(clientSecret)}`;
  return {
    form: form.toString(),
    headers: {
      accept: 'application/json',
      authorization: `Basic ${Buffer.from(pair).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
  };
}

const encode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

/** RFC 6750, 2.1: the characters allowed after `Bearer`. */
const tokenPattern = /^[A-Za-z0-9._~+/-]{1,16384}=*$/;

function readToken(upstream: string, answer: UpstreamAnswer): { token: string; lifeMs: number } {
  const refuse = (why: string): never => {
    throw new UpstreamFailure({ upstream, kind: 'no token', why: `no token: ${why}` });
  };
  if (answer.status !== 200) return refuse(`status ${answer.status}`);
  let body: unknown;
  try {
    body = JSON.parse(answer.body);
  } catch {
    // The parser's message quotes the body, which may contain a token.
    return refuse('the answer is not JSON');
  }
  if (typeof body !== 'object' || body === null) return refuse('the answer is no object');
  const { access_token, token_type, expires_in } = body as Readonly<Record<string, unknown>>;
  if (typeof access_token !== 'string' || !tokenPattern.test(access_token)) {
    return refuse('the answer holds none');
  }
  if (typeof token_type !== 'string' || token_type.toLowerCase() !== 'bearer') {
    return refuse('the token is no bearer token');
  }
  return { token: access_token, lifeMs: toLifeMs(expires_in) };
}

/** Some servers send the number as a string. */
function toLifeMs(expiresIn: unknown): number {
  const seconds = typeof expiresIn === 'string' ? Number(expiresIn) : expiresIn;
  const isNumber = typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0;
  const saidMs = isNumber ? seconds * 1_000 : lifeMsDefault;
  return Math.min(Math.max(saidMs, lifeMsMin), lifeMsMax);
}

function toFailure(upstream: string, error: unknown): UpstreamFailure {
  const kind = 'no token';
  if (!(error instanceof UpstreamFailure)) {
    return new UpstreamFailure({ upstream, kind, why: 'no token: fault of the gateway' });
  }
  if (error.kind === kind) return error;
  return new UpstreamFailure({ upstream, kind, code: error.code, why: `no token: ${error.why}` });
}
