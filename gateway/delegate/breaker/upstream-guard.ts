/**
 * Protects one upstream, and the gateway from it, in front of its transport: a limit on concurrent
 * calls, a bounded queue, and a circuit breaker. A refused call is recorded like a failed one.
 */
import { toCallerName } from '../../caller-name.ts';
import { UpstreamFailure } from '../../errors.ts';
import { recordUpstreamCall } from '../../request.ts';
import { toMicros } from '../../time/to-micros.ts';
import { toNotedFailure } from '../noted-failure.ts';
import type { CallContext, Transport, UpstreamRequest } from '../upstream.ts';
import type { Breaker, BreakerCall, CallOutcome } from './breaker.ts';
import { toAnswerOutcome, toCallOutcome } from './upstream-guard-outcome.ts';
import { createSlots, type Slots } from './upstream-guard-slots.ts';

export interface GuardOptions {
  /** Most concurrent calls. */
  readonly inFlightMax: number;
  /** Most waiting calls; 0: none. */
  readonly queueMax: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds on the clock of deadlines, also used for durations; default `now`. */
  readonly tick?: () => number;
  /** Least time before a cut by the operation's deadline counts as late; default 1000. */
  readonly patienceMs?: number;
}

export interface GuardedTransport {
  readonly send: Transport;
  sizes(): ReturnType<Slots['sizes']>;
}

const callerOf = ({ record }: CallContext): string => toCallerName(record.caller, record.network);

interface Arrived {
  readonly context: CallContext;
  readonly caller: string;
  readonly arrivedMs: number;
  readonly arrivedTick: number;
}

export function guardTransport(
  transport: Transport,
  breaker: Breaker,
  options: GuardOptions,
): GuardedTransport {
  const { upstream } = breaker;
  const { now, tick = now, patienceMs = 1_000 } = options;
  const slots = createSlots({ ...options, now: tick, upstream });

  const enter = (caller: string): BreakerCall => {
    const call = breaker.enter(caller);
    if (!(call instanceof UpstreamFailure)) return call;
    slots.give(caller);
    throw call;
  };

  const run = async (
    call: BreakerCall,
    sentTick: number,
    request: UpstreamRequest,
    { context, caller }: Arrived,
  ) => {
    let outcome: CallOutcome = 'unknown';
    try {
      const answer = await transport(request, context);
      outcome = toAnswerOutcome(answer.status);
      return answer;
    } catch (error) {
      const nowTick = tick();
      const isCutShort = nowTick >= context.deadlineMs && nowTick - sentTick < patienceMs;
      outcome = toCallOutcome(error, isCutShort);
      throw error;
    } finally {
      slots.give(caller);
      call.done(outcome);
    }
  };

  const refuse = (error: unknown, request: UpstreamRequest, about: Arrived): Promise<never> => {
    const { context, arrivedMs, arrivedTick } = about;
    const operation = request.label;
    const timing = { startedAtMs: arrivedMs, durationMs: toMicros(tick() - arrivedTick) };
    const failure = toNotedFailure(error);
    const call = { upstream, operation, status: 0, ...timing, responseBytes: 0, ...failure };
    recordUpstreamCall(context.record, call);
    return Promise.reject(error);
  };

  const wait = async (turn: Promise<void>, request: UpstreamRequest, about: Arrived) => {
    let call: BreakerCall;
    try {
      await turn;
      call = enter(about.caller);
    } catch (error) {
      return refuse(error, request, about);
    }
    return run(call, tick(), request, about);
  };

  const send: Transport = (request, context) => {
    const caller = callerOf(context);
    const about = { context, caller, arrivedMs: now(), arrivedTick: tick() };
    try {
      // Checked before queueing, so that no call waits only to be refused.
      if (breaker.refuses(caller)) throw new UpstreamFailure({ upstream, kind: 'circuit open' });
      const turn = slots.take(context, caller);
      // Without a wait, this decision and the check above are made in the same turn.
      return turn === undefined
        ? run(enter(caller), about.arrivedTick, request, about)
        : wait(turn, request, about);
    } catch (error) {
      return refuse(error, request, about);
    }
  };
  return { send, sizes: () => slots.sizes() };
}
