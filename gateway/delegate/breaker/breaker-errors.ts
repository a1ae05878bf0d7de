/**
 * How many errors of each caller count against an upstream: a few in any span of the window's length,
 * forgotten after two such spans at the latest.
 * With more callers than are told apart it is no single one's doing, and all count.
 */
const callersMax = 1_000;

export interface ErrorShares {
  /** Whether one more error of this caller counts. */
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
  // Two generations, each as long as the window: what counted in the last while is in one of them.
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
