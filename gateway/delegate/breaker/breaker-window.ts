/**
 * Counts calls and failures of the last window in a few time slices, so that memory does not grow
 * with calls. If the clock goes back, all counts are dropped.
 */

export interface CallCounts {
  readonly calls: number;
  readonly failures: number;
}

export interface CallWindow {
  /** Counts one call, and returns the window's counts including it. */
  add(nowMs: number, isFailure: boolean): CallCounts;
  /** Failures in the window. */
  failures(nowMs: number): number;
  clear(): void;
}

const sliceCount = 10;

export function createCallWindow(windowMs: number): CallWindow {
  const sliceMs = windowMs / sliceCount;
  const calls = new Float64Array(sliceCount);
  const failures = new Float64Array(sliceCount);
  let newest = Number.NEGATIVE_INFINITY;

  const clear = (): void => {
    calls.fill(0);
    failures.fill(0);
  };
  const advance = (slice: number): void => {
    if (slice < newest || slice - newest >= sliceCount) clear();
    else {
      for (let at = newest + 1; at <= slice; at += 1) {
        calls[at % sliceCount] = 0;
        failures[at % sliceCount] = 0;
      }
    }
    newest = slice;
  };

  /** The index of the current slice, after clearing expired slices. */
  const sliceAt = (nowMs: number): number => {
    const slice = Math.floor(Math.max(0, nowMs) / sliceMs);
    if (slice !== newest) advance(slice);
    return slice % sliceCount;
  };

  return {
    clear,
    failures(nowMs) {
      sliceAt(nowMs);
      return sum(failures);
    },
    add(nowMs, isFailure) {
      const at = sliceAt(nowMs);
      calls[at] = (calls[at] ?? 0) + 1;
      if (isFailure) failures[at] = (failures[at] ?? 0) + 1;
      return { calls: sum(calls), failures: sum(failures) };
    },
  };
}

function sum(counts: Float64Array): number {
  let total = 0;
  for (const count of counts) total += count;
  return total;
}
