/**
 * The circuit breaker of one upstream: when too many of its calls fail, further ones fail at once
 * and the upstream is left in peace; after a while a few may try, and decide whether all may.
 *
 * A call may fail by the request's doing: whoever knows what an upstream stumbles over, what it
 * drops the connection for, or what a proxy in front of it answers 502 for, must not take it from
 * everybody. So each caller whose calls fail has a circuit of their own, and of one caller only a
 * few failures count in the one of all.
 *
 * A call that took too long while the upstream answered others was a slow question, and counts as
 * an error that the upstream answered with; one that answers nobody else fails.
 */
import { LRUCache } from 'lru-cache';
import { UpstreamFailure } from '../../errors.ts';
import { Circuit, type CircuitState, type JudgedOutcome } from './breaker-circuit.ts';
import { createErrorShares } from './breaker-errors.ts';

/**
 * How a call ended: `erred` where the upstream is there and answered with an error of its own, `late`
 * where it did not answer in time, `unknown` where it says nothing of the upstream, as when the
 * caller left.
 */
export type CallOutcome = JudgedOutcome | 'late';

export interface BreakerOptions {
  readonly upstream: string;
  /** Share of the window's calls, above 0 up to 1, that opens a circuit. */
  readonly failureRatio: number;
  /** Fewer calls than this in the window never open one. */
  readonly minimumCalls: number;
  readonly windowMs: number;
  /** How long an open circuit refuses everything. */
  readonly openMs: number;
  /** Calls that try a half-open circuit at once; it closes when so many were answered. */
  readonly halfOpenCalls: number;
  /** Milliseconds, best monotonic. */
  readonly now: () => number;
  /** Gets every change of state; must not throw. */
  readonly report: (change: CircuitChange) => void;
}

export interface CircuitChange {
  readonly upstream: string;
  /** Whether the circuit is that of all callers, or of one. */
  readonly of: 'all' | 'caller';
  readonly from: CircuitState;
  readonly to: CircuitState;
}

export interface BreakerCall {
  /** To be told once, however the call ended; telling twice counts once. */
  done(outcome: CallOutcome): void;
}

export interface Breaker {
  readonly upstream: string;
  /** Takes part in the count; for the failure nothing may be sent. `caller` is whose call it is. */
  enter(caller: string): BreakerCall | UpstreamFailure;
  /** Whether `enter` would fail now; changes no count. */
  refuses(caller: string): boolean;
  /** Of the circuit of all callers; an open one is open until a call tries it. */
  state(): CircuitState;
  /** Callers whose own circuit is not closed. */
  callersOpen(): number;
}

/** Callers that have a circuit of their own; who failed longest ago gives theirs up. */
const callersMax = 1_000;

export function createBreaker(options: BreakerOptions): Breaker {
  const { upstream, now, report, windowMs, minimumCalls, failureRatio, halfOpenCalls } = options;
  const shared = new Circuit({
    ...options,
    triesPerCaller: 1,
    failersMin: halfOpenCalls,
    // Those of one caller, and of two or three, are fewer than what opens it.
    shares: createErrorShares({ windowMs, perCallerMax: (minimumCalls * failureRatio) / 4 }),
    report: (change) => report({ upstream, of: 'all', ...change }),
  });
  const own = new LRUCache<string, Circuit>({
    max: callersMax,
    // Of who does not ask any more, nothing is known after a while.
    ttl: windowMs + options.openMs,
    updateAgeOnGet: true,
    ttlResolution: 0,
    perf: { now },
  });
  const openOwn = (caller: string): Circuit => {
    const circuit = new Circuit({
      ...options,
      triesPerCaller: halfOpenCalls,
      failersMin: 1,
      report: (change) => report({ upstream, of: 'caller', ...change }),
    });
    own.set(caller, circuit);
    return circuit;
  };
  /** Most of the time nobody fails. */
  const ownOf = (caller: string): Circuit | undefined =>
    own.size === 0 ? undefined : own.get(caller);
  const heard = createAnswerTracker();

  const refuses = (caller: string): boolean =>
    shared.refuses(caller) || ownOf(caller)?.refuses(caller) === true;

  const judge = (outcome: CallOutcome, begunMs: number, caller: string): JudgedOutcome => {
    if (outcome === 'answered' || outcome === 'erred') heard.note(now(), caller);
    if (outcome !== 'late') return outcome;
    return heard.otherCallerAnsweredSince(begunMs, caller) ? 'erred' : 'failed';
  };
  const countOwn = (entered: Entered | undefined, caller: string, judged: JudgedOutcome): void => {
    const known = entered?.circuit ?? ownOf(caller);
    if (known === undefined && judged !== 'failed') return;
    const circuit = known ?? openOwn(caller);
    // An error of the upstream's own says no more of one caller than of another.
    circuit.leave(entered?.era ?? 0, caller, judged === 'erred' ? 'unknown' : judged);
    // Where it gave its place up while the call ran, another may stand there by now.
    if (circuit.isClean() && own.peek(caller) === circuit) own.delete(caller);
  };

  return {
    upstream,
    refuses,
    state: () => shared.state,
    callersOpen: () => [...own.values()].filter(({ state }) => state !== 'closed').length,
    enter(caller) {
      if (refuses(caller)) return new UpstreamFailure({ upstream, kind: 'circuit open' });
      const circuit = ownOf(caller);
      const entered = circuit && { circuit, era: circuit.enter(caller) };
      const sharedEra = shared.enter(caller);
      const begunMs = now();
      let isDone = false;
      return {
        done(outcome) {
          if (isDone) return;
          isDone = true;
          const judged = judge(outcome, begunMs, caller);
          shared.leave(sharedEra, caller, judged);
          countOwn(entered, caller, judged);
        },
      };
    },
  };
}

interface Entered {
  readonly circuit: Circuit;
  readonly era: number;
}

/**
 * Who was answered last, when, and when last anybody else was. Another caller who is answered
 * meanwhile says that the upstream is there, and that the question was slow. Of one's own answers
 * nothing follows: who is alone with it would wait for ever.
 */
function createAnswerTracker() {
  let last = '';
  let lastMs = Number.NEGATIVE_INFINITY;
  let otherMs = Number.NEGATIVE_INFINITY;
  return {
    note(nowMs: number, caller: string): void {
      if (caller !== last) {
        otherMs = lastMs;
        last = caller;
      }
      lastMs = nowMs;
    },
    otherCallerAnsweredSince: (sinceMs: number, caller: string): boolean =>
      (caller === last ? otherMs : lastMs) > sinceMs,
  };
}
