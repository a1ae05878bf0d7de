/**
 * Delivers alerts to one webhook, one after the other. Bounded: so many wait, each is tried so often,
 * each attempt has a deadline; what finds no place or is given up is counted, and told without a URL.
 * Fails open: the alert stands in the audit trail whatever becomes of its delivery.
 */
import { type Alert, type Severity, toSeverityId } from '../../alert.ts';
import { AlertQueue } from './alert-queue.ts';
import type { Included } from './alert-text.ts';
import { toPagerDutyBody } from './pagerduty-body.ts';
import type { AlertPost } from './post-alert.ts';
import { toSlackBody } from './slack-body.ts';
import { toSigningKey, toStandardBody, toStandardHeaders } from './standard-body.ts';

export interface WebhookOptions {
  readonly name: string;
  readonly format: 'standard' | 'slack' | 'pagerduty';
  /** `standard`: the key, `whsec_` and base64; `pagerduty`: the routing key; `slack`: none. */
  readonly secret: string | undefined;
  readonly minSeverity: Severity;
  readonly include: Included;
}

export type DeliveryOutcome = 'delivered' | 'retried' | 'failed' | 'dropped';

export interface WebhookNews {
  readonly webhook: string;
  readonly outcome: Exclude<DeliveryOutcome, 'delivered' | 'retried'>;
  /** Of the alert. */
  readonly alert: string;
  readonly detection: string;
  readonly attempts: number;
  /** What the last attempt came to: a status, or the name of an error. */
  readonly why: string;
}

export interface WebhookMeans {
  readonly post: AlertPost;
  /** What it throws is nobody's: alerts are delivered all the same. */
  readonly report: (news: WebhookNews) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: () => number;
  /** Resolves after so many milliseconds, or when the signal says so; default: a timer. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface Webhook {
  /** Never throws, never waits. */
  put(alert: Alert): void;
  counts(): Readonly<Record<DeliveryOutcome, number>>;
  waiting(): number;
  /** Delivers what waits for so many milliseconds at most; the rest is dropped, and counted. */
  close(withinMs: number): Promise<void>;
}

/** Alerts that wait; of more one is dropped (alert-queue.ts). */
export const waitingMax = 100;
export const attemptsMax = 5;
const firstPauseMs = 1_000;
const pauseMsMax = 30_000;

export function createWebhook(config: WebhookOptions, means: WebhookMeans): Webhook {
  const { post, now, random, wait = waitByTimer } = means;
  const least = toSeverityId(config.minSeverity);
  const counts: Record<DeliveryOutcome, number> = {
    delivered: 0,
    retried: 0,
    failed: 0,
    dropped: 0,
  };
  const ended = new AbortController();
  const waiting = new AlertQueue(waitingMax);
  let running: Promise<void> | undefined;
  let isClosed = false;

  function lose(
    outcome: WebhookNews['outcome'],
    alert: Alert,
    about: { attempts: number; why: string },
  ): void {
    counts[outcome] += 1;
    const { id, detection } = alert;
    try {
      means.report({ webhook: config.name, outcome, alert: id, detection, ...about });
    } catch {
      // It is counted, and others wait.
    }
  }

  async function deliver(alert: Alert): Promise<void> {
    let body: string;
    try {
      body = toBody(config, alert);
    } catch (error) {
      // None will ever be made of it, and others wait.
      return lose('failed', alert, { attempts: 0, why: nameOf(error) });
    }
    let why = '';
    for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
      const tried = await attemptOnce(alert, body);
      if (tried === 'delivered') {
        counts.delivered += 1;
        return;
      }
      why = tried.why;
      const isLast = attempt === attemptsMax || !tried.mayRepeat;
      if (isLast || ended.signal.aborted) {
        const outcome = ended.signal.aborted ? 'dropped' : 'failed';
        return lose(outcome, alert, { attempts: attempt, why });
      }
      counts.retried += 1;
      await wait(pauseOf(attempt, tried.afterMs, random), ended.signal);
    }
  }

  async function attemptOnce(alert: Alert, body: string): Promise<'delivered' | Tried> {
    try {
      const headers = toHeaders(config, { id: alert.id, atMs: now(), body });
      const { status, retryAfterSeconds } = await post.send({ headers, body }, ended.signal);
      if (status >= 200 && status < 300) return 'delivered';
      const mayRepeat = status >= 500 || [408, 425, 429].includes(status);
      return { why: String(status), mayRepeat, afterMs: (retryAfterSeconds ?? 0) * 1_000 };
    } catch (error) {
      // Its message may hold the URL.
      return { why: nameOf(error), mayRepeat: true, afterMs: 0 };
    }
  }

  async function run(): Promise<void> {
    for (let alert = waiting.take(); alert !== undefined; alert = waiting.take()) {
      await deliver(alert);
    }
    running = undefined;
  }

  return {
    put(alert) {
      if (toSeverityId(alert.severity) < least) return;
      if (isClosed) return lose('dropped', alert, { attempts: 0, why: 'closed' });
      const over = waiting.put(alert);
      if (over !== undefined) lose('dropped', over, { attempts: 0, why: 'too many wait' });
      running ??= run();
    },
    counts: () => counts,
    waiting: () => waiting.size,
    async close(withinMs) {
      isClosed = true;
      const timer = setTimeout(() => {
        const left = waiting.clear();
        ended.abort(new Error('closing'));
        for (const alert of left) lose('dropped', alert, { attempts: 0, why: 'closed' });
      }, withinMs);
      await running;
      clearTimeout(timer);
      await post.close();
    },
  };
}

interface Tried {
  readonly why: string;
  readonly mayRepeat: boolean;
  /** As long as the receiver wants to be left alone. */
  readonly afterMs: number;
}

/** Doubles, with chance in it, and is bounded whatever a receiver asks for. */
function pauseOf(attempt: number, afterMs: number, random: () => number): number {
  const own = firstPauseMs * 2 ** (attempt - 1) * (0.5 + random());
  return Math.min(pauseMsMax, Math.max(own, afterMs));
}

function toBody(config: WebhookOptions, alert: Alert): string {
  const { format, include, secret = '' } = config;
  if (format === 'slack') return toSlackBody(alert, include);
  if (format === 'pagerduty') return toPagerDutyBody(alert, include, secret);
  return toStandardBody(alert, include);
}

function toHeaders(
  { format, secret = '' }: WebhookOptions,
  signed: { id: string; atMs: number; body: string },
): Readonly<Record<string, string>> {
  const key = format === 'standard' ? toSigningKey(secret) : undefined;
  return key === undefined ? {} : toStandardHeaders(key, signed);
}

/** `UND_ERR_CONNECT_TIMEOUT`, `ECONNREFUSED`, `TimeoutError`: names, never a text with an address. */
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
