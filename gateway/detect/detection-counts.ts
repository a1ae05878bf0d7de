/**
 * The counts of all detections, by the digest of each, in the one process that counts for all. A
 * detection unchanged by a reload keeps its counts; the least recently used counts give way to new
 * ones.
 */
import { CountedKeys, type Fired, type Seen } from './counted-keys.ts';
import type { CountRule } from './detection.ts';

/** An observation for one detection. */
export interface Observed extends Seen {
  readonly rule: CountRule;
}

/** The alert that one of several observations raised. */
export interface FiredAt extends Fired {
  /** The observation's index. */
  readonly at: number;
}

/** Detections in one set of policies. */
export const detectionsMax = 50;
/** Enough for two sets, while one replaces the other. */
const rulesKept = 2 * detectionsMax;

export class DetectionCounts {
  readonly #byRule = new Map<string, CountedKeys>();
  readonly #now: () => number;

  /** @param now milliseconds, monotonic */
  constructor(now: () => number) {
    this.#now = now;
  }

  add(observed: readonly Observed[]): FiredAt[] {
    const nowMs = this.#now();
    const fired: FiredAt[] = [];
    for (const [at, one] of observed.entries()) {
      const raised = this.#of(one.rule).add(one, nowMs);
      if (raised !== undefined) fired.push({ ...raised, at });
    }
    return fired;
  }

  #of(rule: CountRule): CountedKeys {
    const counts = this.#byRule.get(rule.id) ?? new CountedKeys(rule);
    // Keeps the map in order of last use.
    this.#byRule.delete(rule.id);
    this.#byRule.set(rule.id, counts);
    const [oldest] = this.#byRule.keys();
    if (this.#byRule.size > rulesKept && oldest !== undefined) this.#byRule.delete(oldest);
    return counts;
  }
}
