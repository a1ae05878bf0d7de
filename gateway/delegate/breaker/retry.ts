/**
 * Retries reads that an upstream did not answer. Wraps guard and transport, so that every attempt
 * queues, counts for the breaker and is recorded.
 *
 * Retries only requests with `isRead`, only after no answer or a 502, 503 or 504, and only within
 * the call's own time. A token bucket keeps retries a small share of an upstream's calls: an outage
 * must not multiply its load. Refusals of the guard are not retried.
 */
import { UpstreamFailure } from '../../errors.ts';
import type { StopSignal } from '../../time/stop-signal.ts';
import {
  type CallContext,
  type Transport,
  toCallContext,
  type UpstreamAnswer,
  type UpstreamRequest,
} from '../upstream.ts';

export interface RetryOptions {
  /** Retries of one call; 0: none. */
  readonly attempts: number;
  /** Share of an upstream's calls that may be retries. */
  readonly budget: number;
  /** Time limit of one call, including all its attempts. */
  readonly timeoutMs: number;
}

export interface RetryMeans {
  /** Milliseconds on the clock of deadlines. */
  readonly now: () => number;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly wait: (ms: number, signal: StopSignal) => Promise<void>;
}

/** Capacity of the token bucket, and its content at start. */
const savedMax = 10;
/** The first pause is drawn from 0 to this; the bound doubles for each further one. */
const pauseMs = 50;
const pauseMsMax = 1_000;

const busyStatuses: ReadonlySet<number> = new Set([502, 503, 504]);

/** The transport with retries; unchanged if none are configured. */
export function withRetries(send: Transport, options: RetryOptions, means: RetryMeans): Transport {
  const { attempts, budget } = options;
  if (attempts === 0 || budget === 0) return send;
  let saved = savedMax;

  const mayRepeat = (): boolean => {
    if (saved < 1) return false;
    saved -= 1;
    return true;
  };
  return (request, context) => {
    saved = Math.min(savedMax, saved + budget);
    if (request.isRead !== true) return send(request, context);
    return repeat({ send, request, context, mayRepeat }, options, means);
  };
}

interface Call {
  readonly send: Transport;
  readonly request: UpstreamRequest;
  readonly context: CallContext;
  readonly mayRepeat: () => boolean;
}

async function repeat(call: Call, options: RetryOptions, means: RetryMeans) {
  const { send, request, context, mayRepeat } = call;
  const deadlineMs = Math.min(context.deadlineMs, means.now() + options.timeoutMs);
  let outcome: UpstreamAnswer | UpstreamFailure;
  try {
    outcome = await send(request, context);
  } catch (error) {
    outcome = toFailure(error);
  }
  for (let attempt = 2; attempt <= options.attempts + 1 && isWorthwhile(outcome); attempt += 1) {
    // Full jitter: callers that failed together must not come back together.
    const pause = means.random() * Math.min(pauseMsMax, pauseMs * 2 ** (attempt - 2));
    if (context.signal.aborted || means.now() + pause >= deadlineMs || !mayRepeat()) break;
    await means.wait(pause, context.signal);
    if (context.signal.aborted || means.now() >= deadlineMs) break;
    outcome = await send({ ...request, attempt }, { ...toCallContext(context), deadlineMs }).catch(
      toFailure,
    );
  }
  if (outcome instanceof UpstreamFailure) throw outcome;
  return outcome;
}

function toFailure(error: unknown): UpstreamFailure {
  if (error instanceof UpstreamFailure) return error;
  throw error;
}

function isWorthwhile(outcome: UpstreamAnswer | UpstreamFailure): boolean {
  if (!(outcome instanceof UpstreamFailure)) return busyStatuses.has(outcome.status);
  return outcome.kind === 'connection failed';
}

/** The default `wait`. */
export function pauseFor(ms: number, signal: StopSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end, { once: true });
  });
}
