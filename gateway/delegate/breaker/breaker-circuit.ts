/**
 * One circuit: counts the outcomes of calls while closed, refuses all while open, and lets a few
 * calls try while half-open.
 *
 * A failed try may be the caller's doing, who may know what makes the upstream fail: it excludes
 * that caller for a while, and opens the circuit again only when several callers have failed. No
 * caller can hold all tries.
 *
 * Calls from before a change of state are not counted. After the clock goes back, a rest lasts
 * `openMs` again, never longer.
 */
import type { ErrorShares } from './breaker-errors.ts';
import { createCallWindow } from './breaker-window.ts';

export type CircuitState = 'closed' | 'open' | 'half-open';

/** `erred`: the upstream answered, perhaps failing on this request; `unknown`: no evidence. */
export type JudgedOutcome = 'answered' | 'failed' | 'erred' | 'unknown';

export interface CircuitOptions {
  /** Share of the window's calls, above 0 up to 1, that opens the circuit. */
  readonly failureRatio: number;
  /** Fewer calls than this in the window never open it. */
  readonly minimumCalls: number;
  readonly windowMs: number;
  /** How long an open circuit refuses all calls, and a half-open one a caller whose try failed. */
  readonly openMs: number;
  /** Concurrent tries of a half-open circuit, and the answered tries that close it. */
  readonly halfOpenCalls: number;
  /** Concurrent tries of one caller. */
  readonly triesPerCaller: number;
  /** Number of callers with failed tries that opens a half-open circuit. */
  readonly failersMin: number;
  /** Limits how many errors of one caller count; absent: all. */
  readonly shares?: ErrorShares;
  /** Milliseconds, preferably monotonic. */
  readonly now: () => number;
  /** Called with every change of state; must not throw. */
  readonly report: (change: { readonly from: CircuitState; readonly to: CircuitState }) => void;
}

export class Circuit {
  state: CircuitState = 'closed';
  readonly #options: CircuitOptions;
  readonly #window: ReturnType<typeof createCallWindow>;
  /** Incremented with every change of state. */
  #era = 0;
  #openedMs = 0;
  #answered = 0;
  #tries = 0;
  /** Number of tries in flight, by caller. */
  readonly #trying = new Map<string, number>();
  /** When a try of a caller failed last. */
  readonly #failedMs = new Map<string, number>();

  constructor(options: CircuitOptions) {
    this.#options = options;
    this.#window = createCallWindow(options.windowMs);
  }

  /** Whether this caller may not call now; changes no count. */
  refuses(caller: string): boolean {
    if (this.state === 'closed') return false;
    const { halfOpenCalls, triesPerCaller } = this.#options;
    if (this.state === 'open') return !this.#isRested();
    if (this.#tries >= halfOpenCalls) return true;
    return (this.#trying.get(caller) ?? 0) >= triesPerCaller || this.#failedLately(caller);
  }

  /** Enters a call that is not refused; returns the era for `leave`. */
  enter(caller: string): number {
    if (this.state === 'open') this.#become('half-open');
    if (this.state === 'half-open') {
      this.#tries += 1;
      this.#trying.set(caller, (this.#trying.get(caller) ?? 0) + 1);
    }
    return this.#era;
  }

  /** Call once per call; `era` is the result of `enter`, 0 if the circuit was created later. */
  leave(era: number, caller: string, outcome: JudgedOutcome): void {
    if (era !== this.#era) return;
    if (this.state === 'closed') this.#count(outcome, caller);
    else this.#tried(outcome, caller);
  }

  /** Whether the circuit is closed and its window has no failures. */
  isClean(): boolean {
    return this.state === 'closed' && this.#window.failures(this.#options.now()) === 0;
  }

  #count(outcome: JudgedOutcome, caller: string): void {
    if (outcome === 'unknown') return;
    const { now, minimumCalls, failureRatio, shares } = this.#options;
    const isFailure = outcome !== 'answered';
    if (isFailure && shares !== undefined && !shares.counts(now(), caller)) return;
    const { calls, failures } = this.#window.add(now(), isFailure);
    if (failures > 0 && calls >= minimumCalls && failures >= failureRatio * calls)
      this.#become('open');
  }

  /** An `erred` try decides nothing: others follow, and it does not keep the circuit open. */
  #tried(outcome: JudgedOutcome, caller: string): void {
    this.#tries -= 1;
    const left = (this.#trying.get(caller) ?? 0) - 1;
    if (left > 0) this.#trying.set(caller, left);
    else this.#trying.delete(caller);
    const { now, failersMin, halfOpenCalls } = this.#options;
    if (outcome === 'failed') {
      for (const failer of this.#failedMs.keys())
        if (!this.#failedLately(failer)) this.#failedMs.delete(failer);
      this.#failedMs.set(caller, now());
      if (this.#failedMs.size >= failersMin) this.#become('open');
    }
    if (outcome !== 'answered') return;
    this.#answered += 1;
    if (this.#answered >= halfOpenCalls) this.#become('closed');
  }

  #isRested(): boolean {
    const nowMs = this.#options.now();
    if (nowMs < this.#openedMs) this.#openedMs = nowMs;
    return nowMs - this.#openedMs >= this.#options.openMs;
  }

  #failedLately(caller: string): boolean {
    const ageMs = this.#options.now() - (this.#failedMs.get(caller) ?? Number.NEGATIVE_INFINITY);
    return ageMs >= 0 && ageMs < this.#options.openMs;
  }

  #become(to: CircuitState): void {
    const { now, report, shares } = this.#options;
    const from = this.state;
    this.state = to;
    this.#era += 1;
    this.#answered = 0;
    this.#tries = 0;
    this.#trying.clear();
    this.#failedMs.clear();
    this.#window.clear();
    shares?.clear();
    if (to === 'open') this.#openedMs = now();
    report({ from, to });
  }
}
