/**
 * Policies that change by the clock alone: each is ready before its moment, so that nothing is read or
 * compiled when it comes, and the first request after it meets the new ones. What has had its turn is
 * let go, also where the clock is set back.
 */
export interface Moment<T> {
  /** Milliseconds since the epoch. */
  readonly fromMs: number;
  readonly value: T;
}

/** What is in force now; `changed` is told of each that took its turn, by who asks: it must not throw. */
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
