/**
 * The entries of buckets, each bucket identified by a number. A bucket starts with room for 2
 * entries and grows to 8 and 52, so a key seen once costs 25 bytes here, one at a limit of 5 costs
 * 97. Merging and moving follow window.ts: stamps only ever increase.
 */
import { SlotPool } from './memory-slots.ts';
import { entriesMax, isLive } from './window.ts';

const sizes = 3;

export class BucketEntries {
  readonly #pools = [new SlotPool(2), new SlotPool(8), new SlotPool(entriesMax)];

  /** A new bucket's number; never 0. */
  open(size = 0): number {
    return (this.#pool(size).take() + 1) * sizes + size;
  }

  close(bucket: number): void {
    this.#poolOf(bucket).release(slotOf(bucket));
  }

  /** Drops expired entries and returns the units that are left. */
  total(bucket: number, nowMs: number, windowMs: number): number {
    const pool = this.#poolOf(bucket);
    const slot = slotOf(bucket);
    const { stamps, counts, used } = pool.page(slot);
    const base = pool.base(slot);
    const row = pool.row(slot);
    const end = base + (used[row] as number);
    let first = base;
    while (first < end && !isLive(stamps[first] as number, nowMs, windowMs)) first += 1;
    if (first > base) {
      stamps.copyWithin(base, first, end);
      counts.copyWithin(base, first, end);
      used[row] = end - first;
    }
    let sum = 0;
    for (let at = base; at < base + end - first; at += 1) sum += counts[at] as number;
    return sum;
  }

  /**
   * Counts units under a stamp; the bucket's number may change. A full bucket merges them into its
   * newest entry.
   */
  add(bucket: number, stampMs: number, amount: number): number {
    const pool = this.#poolOf(bucket);
    const slot = slotOf(bucket);
    const { stamps, counts, used } = pool.page(slot);
    const row = pool.row(slot);
    const length = used[row] as number;
    const last = pool.base(slot) + length - 1;
    const isFull = length === pool.size;
    if (length > 0 && ((stamps[last] as number) >= stampMs || (isFull && length === entriesMax))) {
      stamps[last] = Math.max(stamps[last] as number, stampMs);
      counts[last] = (counts[last] as number) + amount;
      return bucket;
    }
    if (isFull) return this.add(this.#move(bucket), stampMs, amount);
    stamps[last + 1] = stampMs;
    counts[last + 1] = amount;
    used[row] = length + 1;
    return bucket;
  }

  /** Removes units from the entry with this stamp, if it still exists. */
  takeBack(bucket: number, stampMs: number, amount: number): void {
    const pool = this.#poolOf(bucket);
    const slot = slotOf(bucket);
    const { stamps, counts, used } = pool.page(slot);
    const base = pool.base(slot);
    const end = base + (used[pool.row(slot)] as number);
    let at = end - 1;
    while (at >= base && stamps[at] !== stampMs) at -= 1;
    if (at < base) return;
    counts[at] = Math.max(0, (counts[at] as number) - amount);
    if (counts[at] !== 0) return;
    stamps.copyWithin(at, at + 1, end);
    counts.copyWithin(at, at + 1, end);
    used[pool.row(slot)] = end - base - 1;
  }

  /** The newest stamp; undefined if the bucket is empty. */
  newest(bucket: number): number | undefined {
    const pool = this.#poolOf(bucket);
    const slot = slotOf(bucket);
    const page = pool.page(slot);
    const length = page.used[pool.row(slot)] as number;
    return length === 0 ? undefined : page.stamps[pool.base(slot) + length - 1];
  }

  /** The stamp that must expire for `units` to be free; undefined if they never are. */
  stampToFree(bucket: number, units: number): number | undefined {
    const pool = this.#poolOf(bucket);
    const slot = slotOf(bucket);
    const { stamps, counts, used } = pool.page(slot);
    const base = pool.base(slot);
    const end = base + (used[pool.row(slot)] as number);
    let freed = 0;
    for (let at = base; at < end; at += 1) {
      freed += counts[at] as number;
      if (freed >= units) return stamps[at];
    }
    return undefined;
  }

  /** A new bucket with the same entries. */
  copyOf(bucket: number, size = bucket % sizes): number {
    const from = this.#poolOf(bucket);
    const slot = slotOf(bucket);
    const { stamps, counts, used } = from.page(slot);
    const base = from.base(slot);
    const length = used[from.row(slot)] as number;
    const copy = this.open(size);
    const to = this.#poolOf(copy);
    const page = to.page(slotOf(copy));
    page.stamps.set(stamps.subarray(base, base + length), to.base(slotOf(copy)));
    page.counts.set(counts.subarray(base, base + length), to.base(slotOf(copy)));
    page.used[to.row(slotOf(copy))] = length;
    return copy;
  }

  #move(bucket: number): number {
    const larger = this.copyOf(bucket, (bucket % sizes) + 1);
    this.close(bucket);
    return larger;
  }

  #poolOf(bucket: number): SlotPool {
    return this.#pool(bucket % sizes);
  }

  #pool(size: number): SlotPool {
    return this.#pools[size] as SlotPool;
  }
}

function slotOf(bucket: number): number {
  return ((bucket / sizes) | 0) - 1;
}
