/**
 * Finds buckets by a 64-bit keyed hash: open addressing with linear probing, at most half full. A
 * key whose window has passed makes room for others; a live one is never evicted. The cost of a
 * call does not depend on the number of keys: an insertion examines at most 16 slots for one to
 * reuse, and the next continues from there.
 */
import type { BucketEntries } from './memory-entries.ts';

const lookedAtPerInsert = 16;

export class BucketKeys {
  readonly #entries: BucketEntries;
  readonly #capacity: number;
  readonly #mask: number;
  readonly #highs: Uint32Array;
  readonly #lows: Uint32Array;
  /** The bucket's number; 0 marks an empty slot. */
  readonly #buckets: Uint32Array;
  /** The last millisecond at which anything in the bucket is live. */
  readonly #liveUntil: Float64Array;
  #count = 0;
  #hand = 0;

  constructor(entries: BucketEntries, capacity: number) {
    this.#entries = entries;
    this.#capacity = capacity;
    const slots = 2 ** Math.ceil(Math.log2(Math.max(capacity, 8) * 2));
    this.#mask = slots - 1;
    this.#highs = new Uint32Array(slots);
    this.#lows = new Uint32Array(slots);
    this.#buckets = new Uint32Array(slots);
    this.#liveUntil = new Float64Array(slots);
  }

  get size(): number {
    return this.#count;
  }

  /** The slot of a key, or -1; valid until the next insert or remove. */
  find(high: number, low: number): number {
    let slot = low & this.#mask;
    while (this.#buckets[slot] !== 0) {
      if (this.#lows[slot] === low && this.#highs[slot] === high) return slot;
      slot = (slot + 1) & this.#mask;
    }
    return -1;
  }

  /** The slot of a new key without entries, or -1 if no room was found. */
  insert(high: number, low: number, nowMs: number): number {
    if (this.#count >= this.#capacity && !this.#makeRoom(nowMs)) return -1;
    let slot = low & this.#mask;
    while (this.#buckets[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#highs[slot] = high;
    this.#lows[slot] = low;
    this.#buckets[slot] = this.#entries.open();
    this.#liveUntil[slot] = nowMs;
    this.#count += 1;
    return slot;
  }

  bucketAt(slot: number): number {
    return this.#buckets[slot] as number;
  }

  setBucket(slot: number, bucket: number, liveUntilMs: number): void {
    this.#buckets[slot] = bucket;
    this.#liveUntil[slot] = Math.max(this.#liveUntil[slot] as number, liveUntilMs);
  }

  /** Frees the slot and closes the gap, so that no probe ends early. */
  remove(slot: number): void {
    this.#entries.close(this.bucketAt(slot));
    this.#count -= 1;
    let gap = slot;
    let next = (gap + 1) & this.#mask;
    while (this.#buckets[next] !== 0) {
      const home = (this.#lows[next] as number) & this.#mask;
      // A key may move back only to a slot that its own probe passes.
      if (((next - home) & this.#mask) >= ((next - gap) & this.#mask)) {
        this.#moveTo(gap, next);
        gap = next;
      }
      next = (next + 1) & this.#mask;
    }
    this.#buckets[gap] = 0;
  }

  #moveTo(to: number, from: number): void {
    this.#highs[to] = this.#highs[from] as number;
    this.#lows[to] = this.#lows[from] as number;
    this.#buckets[to] = this.#buckets[from] as number;
    this.#liveUntil[to] = this.#liveUntil[from] as number;
  }

  #makeRoom(nowMs: number): boolean {
    for (let looked = 0; looked < lookedAtPerInsert; looked += 1) {
      const slot = this.#hand;
      const isOver = this.#buckets[slot] !== 0 && (this.#liveUntil[slot] as number) < nowMs;
      if (isOver) {
        this.remove(slot);
        return true;
      }
      this.#hand = (slot + 1) & this.#mask;
    }
    return false;
  }
}
