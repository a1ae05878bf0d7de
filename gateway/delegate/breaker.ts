/**
 * The circuit breaker of one upstream: when too many of its calls fail, further ones fail at once
 * and the upstream is left in peace; after a while a few may try, and decide whether all may.
 *
 * An error that the upstream answers with may be the request's doing: of one caller's only a few are
 * counted, or whoever knows what an upstream stumbles over could take it from everybody. The same
 * holds for a call that took too long while the upstream answered others; one that answers nobody is
 * judged by every call.
 *
 * Answers of calls that began before the state changed are not counted: they tell of another time.
 * A clock that goes back makes an open circuit wait `openMs` anew, never longer.
 */
import { UpstreamFailure } from '../errors.ts';
import { createErrorShares } from './breaker-errors.ts';
import { createCallWindow } from './breaker-window.ts';

export type CircuitState = 'closed' | 'open' | 'half-open';

/**
 * How a call ended: `erred` where the upstream is there and answered with an error of its own, `late`
 * where it did not answer in time, `unknown` where it says nothing of the upstream, as when the
 * caller left.
 */
export type CallOutcome = 'answered' | 'failed' | 'erred' | 'late' | 'unknown';

export interface BreakerOptions {
  readonly upstream: string;
  /** Share of the window's calls, above 0 up to 1, that opens the circuit. */
  readonly failureRatio: number;
  /** Fewer calls than this in the window never open it. */
  readonly minimumCalls: number;
  readonly windowMs: number;
  /** How long an open circuit refuses everything. */
  readonly openMs: number;
  /** Calls that try a half-open circuit; it closes when all of them were answered. */
  readonly halfOpenCalls: number;
  /** Milliseconds, best monotonic. */
  readonly now: () => number;
  /** Gets every change of state; must not throw. */
  readonly report: (change: CircuitChange) => void;
}

export interface CircuitChange {
  readonly upstream: string;
  readonly from: CircuitState;
  readonly to: CircuitState;
}

export interface BreakerCall {
  /**
   * To be told once, however the call ended; telling twice counts once. `caller` is whose call it
   * was.
   */
  done(outcome: CallOutcome, caller?: string): void;
}

export interface Breaker {
  readonly upstream: string;
  /** Takes part in the count; for the failure nothing may be sent. */
  enter(): BreakerCall | UpstreamFailure;
  /** Whether `enter` would fail now; changes no count. */
  refuses(): boolean;
  /** An open circuit is open until a call tries it. */
  state(): CircuitState;
}

export function createBreaker(options: BreakerOptions): Breaker {
  const circuit = new Circuit(options);
  return {
    upstream: options.upstream,
    enter: () => circuit.enter(),
    refuses: () => circuit.refuses(),
    state: () => circuit.state,
  };
}

class Circuit {
  state: CircuitState = 'closed';
  readonly #options: BreakerOptions;
  readonly #window: ReturnType<typeof createCallWindow>;
  readonly #errors: ReturnType<typeof createErrorShares>;
  /** Grows with every change of state. */
  #era = 0;
  #openedMs = 0;
  /** Who was answered last, when, and when last anybody else was. */
  #heard = { caller: '', ms: Number.NEGATIVE_INFINITY, otherMs: Number.NEGATIVE_INFINITY };
  #trying = 0;
  #answered = 0;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#window = createCallWindow(options.windowMs);
    const { windowMs, minimumCalls, failureRatio } = options;
    // Those of one caller, and of two or three, are fewer than what opens it.
    this.#errors = createErrorShares({ windowMs, perCallerMax: (minimumCalls * failureRatio) / 4 });
  }

  refuses(): boolean {
    if (this.state === 'open') return !this.#isRested();
    return (
      this.state === 'half-open' && this.#trying + this.#answered >= this.#options.halfOpenCalls
    );
  }

  enter(): BreakerCall | UpstreamFailure {
    const { upstream } = this.#options;
    if (this.refuses()) return new UpstreamFailure({ upstream, why: 'circuit open' });
    if (this.state === 'open') this.#become('half-open');
    if (this.state === 'half-open') this.#trying += 1;
    const era = this.#era;
    const begunMs = this.#options.now();
    let isDone = false;
    return {
      done: (outcome, caller = '') => {
        if (outcome === 'answered' || outcome === 'erred') this.#noteAnswer(caller);
        if (isDone || era !== this.#era) return;
        isDone = true;
        const judged = outcome === 'late' ? this.#judgeLate(begunMs, caller) : outcome;
        if (this.state === 'closed') this.#count(judged, caller);
        else this.#tried(judged);
      },
    };
  }

  #noteAnswer(caller: string): void {
    const heard = this.#heard;
    if (caller !== heard.caller) {
      heard.otherMs = heard.ms;
      heard.caller = caller;
    }
    heard.ms = this.#options.now();
  }

  /**
   * Another caller who is answered meanwhile says that the upstream is there, and that the question
   * was slow. Of one's own answers nothing follows: who is alone with it would wait for ever.
   */
  #judgeLate(begunMs: number, caller: string): 'erred' | 'failed' {
    const { caller: last, ms, otherMs } = this.#heard;
    return (caller === last ? otherMs : ms) > begunMs ? 'erred' : 'failed';
  }

  #isRested(): boolean {
    const nowMs = this.#options.now();
    if (nowMs < this.#openedMs) this.#openedMs = nowMs;
    return nowMs - this.#openedMs >= this.#options.openMs;
  }

  #count(outcome: Exclude<CallOutcome, 'late'>, caller: string): void {
    if (outcome === 'unknown') return;
    const { now, minimumCalls, failureRatio } = this.#options;
    if (outcome === 'erred' && !this.#errors.counts(now(), caller)) return;
    const { calls, failures } = this.#window.add(now(), outcome !== 'answered');
    if (failures > 0 && calls >= minimumCalls && failures >= failureRatio * calls)
      this.#become('open');
  }

  /** An error decides nothing here: the few who may try go on trying, and none keeps it open. */
  #tried(outcome: Exclude<CallOutcome, 'late'>): void {
    this.#trying -= 1;
    if (outcome === 'failed') this.#become('open');
    if (outcome !== 'answered') return;
    this.#answered += 1;
    if (this.#answered >= this.#options.halfOpenCalls) this.#become('closed');
  }

  #become(to: CircuitState): void {
    const { upstream, now, report } = this.#options;
    const from = this.state;
    this.state = to;
    this.#era += 1;
    this.#trying = 0;
    this.#answered = 0;
    this.#window.clear();
    this.#errors.clear();
    if (to === 'open') this.#openedMs = now();
    report({ upstream, from, to });
  }
}
