/**
 * Delivers one alert to a webhook, with bounded attempts and pauses between them. Never rejects; an
 * outcome never contains the URL.
 */
import type { Alert } from '../../alert.ts';
import type { Included } from './alert-text.ts';
import { toPagerDutyBody } from './pagerduty-body.ts';
import type { AlertPost } from './post-alert.ts';
import { toSlackBody } from './slack-body.ts';
import { toSigningKey, toStandardBody, toStandardHeaders } from './standard-body.ts';

export interface WebhookFormat {
  readonly format: 'standard' | 'slack' | 'pagerduty';
  /** `standard`: the key, `whsec_` and base64; `pagerduty`: the routing key; `slack`: none. */
  readonly secret: string | undefined;
  readonly include: Included;
}

export interface DeliveryMeans {
  readonly post: AlertPost;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  /** Resolves after that many milliseconds or when the signal aborts; default: a timer. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export type Delivery =
  | { readonly outcome: 'delivered' }
  | {
      /** `dropped` if the signal aborted, else `failed`. */
      readonly outcome: 'failed' | 'dropped';
      readonly attempts: number;
      /** Result of the last attempt: a status, or the name of an error. */
      readonly why: string;
    };

export const attemptsMax = 5;
const firstPauseMs = 1_000;
const pauseMsMax = 30_000;

/** @param retried called before the pause that precedes each further attempt */
export async function deliverAlert(
  alert: Alert,
  format: WebhookFormat,
  means: DeliveryMeans,
  { signal, retried }: { readonly signal: AbortSignal; readonly retried: () => void },
): Promise<Delivery> {
  const { random, wait = waitByTimer } = means;
  let body: string;
  try {
    body = toBody(format, alert);
  } catch (error) {
    // A retry would fail alike.
    return { outcome: 'failed', attempts: 0, why: nameOf(error) };
  }
  for (let attempts = 1; ; attempts += 1) {
    const tried = await attemptOnce({ id: alert.id, body }, format, means, signal);
    if (tried === 'delivered') return { outcome: 'delivered' };
    const { why, mayRepeat, afterMs } = tried;
    if (signal.aborted) return { outcome: 'dropped', attempts, why };
    if (attempts === attemptsMax || !mayRepeat) return { outcome: 'failed', attempts, why };
    retried();
    await wait(pauseOf(attempts, afterMs, random), signal);
  }
}

interface Tried {
  readonly why: string;
  readonly mayRepeat: boolean;
  /** How long the receiver asks us to wait. */
  readonly afterMs: number;
}

async function attemptOnce(
  { id, body }: { id: string; body: string },
  format: WebhookFormat,
  { post, now }: DeliveryMeans,
  signal: AbortSignal,
): Promise<'delivered' | Tried> {
  try {
    const headers = toHeaders(format, { id, atMs: now(), body });
    const { status, retryAfterSeconds } = await post.send({ headers, body }, signal);
    if (status >= 200 && status < 300) return 'delivered';
    const mayRepeat = status >= 500 || [408, 425, 429].includes(status);
    return { why: String(status), mayRepeat, afterMs: (retryAfterSeconds ?? 0) * 1_000 };
  } catch (error) {
    return { why: nameOf(error), mayRepeat: true, afterMs: 0 };
  }
}

/** Exponential back-off with jitter, bounded whatever the receiver asks for. */
function pauseOf(attempt: number, afterMs: number, random: () => number): number {
  const own = firstPauseMs * 2 ** (attempt - 1) * (0.5 + random());
  return Math.min(pauseMsMax, Math.max(own, afterMs));
}

function toBody({ format, include, secret = '' }: WebhookFormat, alert: Alert): string {
  if (format === 'slack') return toSlackBody(alert, include);
  if (format === 'pagerduty') return toPagerDutyBody(alert, include, secret);
  return toStandardBody(alert, include);
}

function toHeaders(
  { format, secret = '' }: WebhookFormat,
  signed: { id: string; atMs: number; body: string },
): Readonly<Record<string, string>> {
  const key = format === 'standard' ? toSigningKey(secret) : undefined;
  return key === undefined ? {} : toStandardHeaders(key, signed);
}

/** Such as `ECONNREFUSED` or `TimeoutError`: a name, since a message may contain the URL. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  const code: unknown = Reflect.get(error, 'code');
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,60}$/.test(code) ? code : error.name;
}

function waitByTimer(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', done);
    resolve();
  };
  const timer = setTimeout(done, ms);
  signal.addEventListener('abort', done, { once: true });
  return promise;
}
