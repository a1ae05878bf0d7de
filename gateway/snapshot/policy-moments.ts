/**
 * Policies that change by the clock alone: each is prepared before its moment, so that nothing is
 * read or compiled when it comes and the first request after it gets the new ones. A past value is
 * released and does not return if the clock is set back.
 */
export interface Moment<T> {
  /** Milliseconds since the epoch. */
  readonly fromMs: number;
  readonly value: T;
}

/**
 * Returns the value in force now. Calls `changed` for each value that took its turn, within the
 * call that noticed; `changed` must not throw.
 */
export function createMoments<T>(
  moments: readonly [Moment<T>, ...Moment<T>[]],
  options: { readonly now: () => number; readonly changed: (old: T, next: T) => void },
): () => T {
  let [{ value }, ...later] = moments;
  return () => {
    for (let [next] = later; next !== undefined && options.now() >= next.fromMs; [next] = later) {
      const old = value;
      ({ value } = next);
      later = later.slice(1);
      options.changed(old, value);
    }
    return value;
  };
}
