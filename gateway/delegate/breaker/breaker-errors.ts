/**
 * Limits how many errors of each caller count against an upstream: a few in any span of the
 * window's length, forgotten after two such spans at most. Beyond the number of callers tracked, no
 * single caller is to blame, and all errors count.
 */
const callersMax = 1_000;

export interface ErrorShares {
  /** Whether another error of this caller counts; if so, counts it. */
  counts(nowMs: number, caller: string): boolean;
  clear(): void;
}

export function createErrorShares(options: {
  readonly windowMs: number;
  /** At least one counts. */
  readonly perCallerMax: number;
}): ErrorShares {
  const { windowMs } = options;
  const most = Math.max(1, Math.floor(options.perCallerMax));
  // Two generations of the window's length: together they cover the last window.
  let young = new Map<string, number>();
  let old = new Map<string, number>();
  let sinceMs = Number.NEGATIVE_INFINITY;

  function turn(nowMs: number): void {
    const ageMs = nowMs - sinceMs;
    if (ageMs >= 0 && ageMs < windowMs) return;
    old = ageMs >= 0 && ageMs < 2 * windowMs ? young : new Map();
    young = new Map();
    sinceMs = nowMs;
  }

  return {
    clear() {
      young.clear();
      old.clear();
    },
    counts(nowMs, caller) {
      turn(nowMs);
      const count = young.get(caller) ?? 0;
      if (count + (old.get(caller) ?? 0) >= most) return false;
      if (count > 0 || young.size < callersMax) young.set(caller, count + 1);
      return true;
    },
  };
}
