/**
 * How many errors of each caller count against an upstream: a few in each window. With more callers
 * than are told apart it is no single one's doing, and all count.
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
  const counted = new Map<string, number>();
  let sinceMs = Number.NEGATIVE_INFINITY;
  return {
    clear: () => counted.clear(),
    counts(nowMs, caller) {
      if (nowMs < sinceMs || nowMs - sinceMs >= options.windowMs) {
        counted.clear();
        sinceMs = nowMs;
      }
      const count = counted.get(caller) ?? 0;
      if (count >= Math.max(1, Math.floor(options.perCallerMax))) return false;
      if (count > 0 || counted.size < callersMax) counted.set(caller, count + 1);
      return true;
    },
  };
}
