/**
 * The counts of all detections, by the digest of each: kept here, in the one process that counts for
 * all. A detection that a reload leaves as it is goes on with what it had; counts that nothing asks
 * for any more make place for others.
 */
import { CountedKeys, type Fired, type Seen } from './counted-keys.ts';
import type { CountRule } from './detection.ts';

/** What was met of one detection. */
export interface Observed extends Seen {
  readonly rule: CountRule;
}

/** An alert that one of several raised. */
export interface FiredAt extends Fired {
  /** Which of them. */
  readonly at: number;
}

/** Detections of one set of policies. */
export const detectionsMax = 50;
/** Those of two sets, while one takes the other's place. */
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
    // The one asked for last stands last.
    this.#byRule.delete(rule.id);
    this.#byRule.set(rule.id, counts);
    const [oldest] = this.#byRule.keys();
    if (this.#byRule.size > rulesKept && oldest !== undefined) this.#byRule.delete(oldest);
    return counts;
  }
}
