/**
 * The arithmetic of a sliding window. A bucket is a short list of entries, each a stamp and a
 * count; an entry's stamp is never earlier than the time of anything it counts.
 *
 * Why no interval of length W can hold more than N: something is granted at time t only if all
 * entries stamped t - W or later, and what is asked, add up to at most N. Whatever was granted in
 * [t - W, t] lies in an entry with a stamp no earlier than its own time, so it was counted. Take
 * any interval of length W and the last grant in it: everything in the interval was counted then.
 * Merging entries under the later stamp keeps this true. Times are cut to whole milliseconds and an
 * entry lives while now - stamp <= W, so what is forgotten is more than W old also before cutting.
 *
 * Up to 51 units are stamped exactly. Above, a stamp is the last millisecond of the fiftieth of the
 * window in which it falls: 52 entries at most, and a unit comes back at most 2 % of W late.
 */
const slices = 50;

/** Limits up to here are counted one time stamp per unit. */
export const exactLimitMax = 51;

/** Entries that can be alive at once, also where a boundary falls inside a millisecond. */
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

/** How long until an entry with this stamp is forgotten. */
export function untilForgotten(stampMs: number, nowMs: number, windowMs: number): number {
  return stampMs + windowMs + 1 - nowMs;
}

/** What is granted of `amount` with `spent` units alive; undefined refuses. */
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
