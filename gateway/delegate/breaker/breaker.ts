/**
 * The circuit breaker of one upstream: when too many of its calls fail, further ones fail at once
 * and spare the upstream; after a while a few may try, and decide whether all may.
 *
 * A call may fail because of the request: a caller who knows what makes an upstream fail, drop its
 * connection, or its proxy answer 502 must not take it from the others. So each caller with failed
 * calls has a circuit of its own, and only a few failures of one caller count in the shared one.
 *
 * A call that timed out while the upstream answered other callers was a slow request, and counts as
 * an error answered by the upstream; if no other caller was answered, it is a failure.
 */
import { LRUCache } from 'lru-cache';
import { UpstreamFailure } from '../../errors.ts';
import { Circuit, type CircuitState, type JudgedOutcome } from './breaker-circuit.ts';
import { createErrorShares } from './breaker-errors.ts';

/**
 * How a call ended: `erred`: the upstream answered with an error of its own; `late`: it did not
 * answer in time; `unknown`: the call tells nothing about it, for example because the client
 * disconnected.
 */
export type CallOutcome = JudgedOutcome | 'late';

export interface BreakerOptions {
  readonly upstream: string;
  /** Share of the window's calls, above 0 up to 1, that opens a circuit. */
  readonly failureRatio: number;
  /** Fewer calls than this in the window never open one. */
  readonly minimumCalls: number;
  readonly windowMs: number;
  /** How long an open circuit refuses all calls. */
  readonly openMs: number;
  /** Concurrent tries of a half-open circuit, and the answered tries that close it. */
  readonly halfOpenCalls: number;
  /** Milliseconds, preferably monotonic. */
  readonly now: () => number;
  /** Called with every change of state; must not throw. */
  readonly report: (change: CircuitChange) => void;
}

export interface CircuitChange {
  readonly upstream: string;
  /** Whether it is the circuit of all callers, or of one. */
  readonly of: 'all' | 'caller';
  readonly from: CircuitState;
  readonly to: CircuitState;
}

export interface BreakerCall {
  /** Call once with the outcome; later calls have no effect. */
  done(outcome: CallOutcome): void;
}

export interface Breaker {
  readonly upstream: string;
  /** Enters a call of `caller`; if it returns a failure, nothing may be sent. */
  enter(caller: string): BreakerCall | UpstreamFailure;
  /** Whether `enter` would fail now; changes no count. */
  refuses(caller: string): boolean;
  /** State of the circuit of all callers; it stays open until a call tries it. */
  state(): CircuitState;
  /** Number of callers whose own circuit is not closed. */
  callersOpen(): number;
}

/** Most callers with a circuit of their own; the least recently used is dropped. */
const callersMax = 1_000;

export function createBreaker(options: BreakerOptions): Breaker {
  const { upstream, now, report, windowMs, minimumCalls, failureRatio, halfOpenCalls } = options;
  const shared = new Circuit({
    ...options,
    triesPerCaller: 1,
    failersMin: halfOpenCalls,
    // The errors of up to three callers cannot open it.
    shares: createErrorShares({ windowMs, perCallerMax: (minimumCalls * failureRatio) / 4 }),
    report: (change) => report({ upstream, of: 'all', ...change }),
  });
  const own = new LRUCache<string, Circuit>({
    max: callersMax,
    // A caller that stops calling is forgotten after a while.
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
  /** Usually no caller has a circuit. */
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
    // An error answered by the upstream is not attributed to one caller.
    circuit.leave(entered?.era ?? 0, caller, judged === 'erred' ? 'unknown' : judged);
    // If it was evicted during the call, the caller may have a newer circuit by now.
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
 * Tracks the last caller answered, when, and when another caller was answered last. If another
 * caller was answered during a late call, the upstream is up and the request was slow. A caller's
 * own answers prove nothing: a caller alone with an upstream would never see it fail.
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
