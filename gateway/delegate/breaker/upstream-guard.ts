/**
 * Protects one upstream, and the gateway from it, in front of its transport: a limit on calls that
 * run, a bounded queue, and a circuit breaker. What is refused here is in the request's record
 * like a call that failed.
 */
import { toCallerName } from '../../caller-name.ts';
import { UpstreamFailure } from '../../errors.ts';
import { recordUpstreamCall } from '../../request.ts';
import { toNotedFailure } from '../noted-failure.ts';
import type { CallContext, Transport, UpstreamRequest } from '../upstream.ts';
import type { Breaker, BreakerCall, CallOutcome } from './breaker.ts';
import { toAnswerOutcome, toCallOutcome } from './upstream-guard-outcome.ts';
import { createSlots, type Slots } from './upstream-guard-slots.ts';

export interface GuardOptions {
  /** Calls that run at once. */
  readonly inFlightMax: number;
  /** Calls that may wait for that; 0: none. */
  readonly queueMax: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Milliseconds of the clock of deadlines, for durations too; default `now`. */
  readonly tick?: () => number;
  /**
   * A call that its operation's deadline ended counts against the upstream when it had at least
   * this long; default 1000.
   */
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
    const timing = { startedAtMs: arrivedMs, durationMs: tick() - arrivedTick };
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
      // Asked before the queue, so that nobody waits for what will not be sent.
      if (breaker.refuses(caller)) throw new UpstreamFailure({ upstream, kind: 'circuit open' });
      const turn = slots.take(context, caller);
      // Where nobody waits, what is decided here is decided in one go with the question above.
      return turn === undefined
        ? run(enter(caller), about.arrivedTick, request, about)
        : wait(turn, request, about);
    } catch (error) {
      return refuse(error, request, about);
    }
  };
  return { send, sizes: slots.sizes };
}
