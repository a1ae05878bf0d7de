/**
 * One circuit: counts how calls ended while it is closed, refuses all while it is open, and lets a
 * few try while it is half open.
 *
 * A failed try says something of its caller too, who may know what the upstream stumbles over: it
 * keeps that caller out for a rest, and opens the circuit again once so many callers have failed.
 * No caller holds all places of those who try.
 *
 * What began before the state changed is not counted: it tells of another time. A clock that goes
 * back makes a rest last `openMs` anew, never longer.
 */
import type { ErrorShares } from './breaker-errors.ts';
import { createCallWindow } from './breaker-window.ts';

export type CircuitState = 'closed' | 'open' | 'half-open';

/** `erred` where the upstream is there, and may have stumbled over this request; `unknown`: nothing. */
export type JudgedOutcome = 'answered' | 'failed' | 'erred' | 'unknown';

export interface CircuitOptions {
  /** Share of the window's calls, above 0 up to 1, that opens the circuit. */
  readonly failureRatio: number;
  /** Fewer calls than this in the window never open it. */
  readonly minimumCalls: number;
  readonly windowMs: number;
  /** How long an open circuit refuses everything, and a half-open one whose try failed. */
  readonly openMs: number;
  /** Calls that try a half-open circuit at once; it closes when so many were answered. */
  readonly halfOpenCalls: number;
  /** Of those, calls of one caller. */
  readonly triesPerCaller: number;
  /** Callers whose tries must fail before a half-open circuit opens. */
  readonly failersMin: number;
  /** How much of one caller counts; absent: all. */
  readonly shares?: ErrorShares;
  /** Milliseconds, best monotonic. */
  readonly now: () => number;
  /** Gets every change of state; must not throw. */
  readonly report: (change: { readonly from: CircuitState; readonly to: CircuitState }) => void;
}

export class Circuit {
  state: CircuitState = 'closed';
  readonly #options: CircuitOptions;
  readonly #window: ReturnType<typeof createCallWindow>;
  /** Grows with every change of state. */
  #era = 0;
  #openedMs = 0;
  #answered = 0;
  #tries = 0;
  /** Callers who try now, and how often. */
  readonly #trying = new Map<string, number>();
  /** When the try of a caller failed. */
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

  /** Takes part, where it does not refuse; what it returns is for `leave`. */
  enter(caller: string): number {
    if (this.state === 'open') this.#become('half-open');
    if (this.state === 'half-open') {
      this.#tries += 1;
      this.#trying.set(caller, (this.#trying.get(caller) ?? 0) + 1);
    }
    return this.#era;
  }

  /** To be told once of each call; `era` is what `enter` returned, 0 where the circuit is younger. */
  leave(era: number, caller: string, outcome: JudgedOutcome): void {
    if (era !== this.#era) return;
    if (this.state === 'closed') this.#count(outcome, caller);
    else this.#tried(outcome, caller);
  }

  /** Whether nothing of what it knows speaks against the upstream. */
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

  /** An error decides nothing here: the few who may try go on trying, and none keeps it open. */
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
