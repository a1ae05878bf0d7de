/**
 * A small seeded generator (mulberry32), so that the demo's data is the same on every machine and
 * at every start. Not for secrets.
 */

export interface Random {
  /** A whole number from `low` to `high`, both inclusive. */
  between(low: number, high: number): number;
  /** One of the items; throws RangeError if there are none. */
  pick<T>(items: readonly T[]): T;
}

/** The same seed gives the same sequence. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (low: number, high: number): number =>
    low + Math.floor(next() * (high - low + 1));
  return {
    between,
    pick<T>(items: readonly T[]): T {
      if (items.length === 0) throw new RangeError('nothing to pick from');
      return items[between(0, items.length - 1)] as T;
    },
  };
}
