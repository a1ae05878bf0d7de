/**
 * The arithmetic of a sliding window. A bucket is a short list of entries, each with a stamp and a
 * count; an entry's stamp is never earlier than the time of anything it counts.
 *
 * Why no interval of length W can hold more than N: an amount is granted at time t only if it and
 * all entries stamped t - W or later add up to at most N. Whatever was granted in [t - W, t] is in
 * an entry stamped no earlier than its own time, so it was counted. Take any interval of length W
 * and the last grant in it: everything in the interval was counted then. Merging entries under the
 * later stamp keeps this true. Times are truncated to milliseconds and an entry lives while now -
 * stamp <= W, so an expired entry is more than W old before truncation, too.
 *
 * Up to 51 units are stamped exactly. Above that, a stamp is the last millisecond of the fiftieth
 * of the window in which it falls: 52 entries at most, and a unit returns at most 2 % of W late.
 */
const slices = 50;

/** Limits up to here are counted with one exact stamp per unit. */
export const exactLimitMax = 51;

/** Most live entries, including when a boundary falls inside a millisecond. */
export const entriesMax = 52;

/** The stamp of what is granted now. Exact for whole milliseconds below 2^46. */
export function stampOf(nowMs: number, limit: number, windowMs: number): number {
  if (limit <= exactLimitMax) return nowMs;
  const slice = Math.floor((nowMs * slices) / windowMs);
  return Math.ceil(((slice + 1) * windowMs) / slices) - 1;
}

export function isLive(stampMs: number, nowMs: number, windowMs: number): boolean {
  return nowMs - stampMs <= windowMs;
}

/** Time until an entry with this stamp expires. */
export function untilForgotten(stampMs: number, nowMs: number, windowMs: number): number {
  return stampMs + windowMs + 1 - nowMs;
}

/** The part of `amount` that is granted with `spent` live units; undefined refuses. */
export function grantOf(
  charge: { readonly limit: number; readonly amount: number; readonly partial?: boolean },
  spent: number,
): number | undefined {
  const { limit, amount, partial } = charge;
  if (amount === 0) return 0;
  const left = limit - spent;
  if (amount <= left) return amount;
  return partial === true && left >= 1 ? left : undefined;
}
