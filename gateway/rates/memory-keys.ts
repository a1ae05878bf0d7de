/**
 * Finds buckets by a 64-bit keyed hash: open addressing with linear probing, at most half full.
 * A key whose window is over makes room for others; a live one is never evicted. What a call costs
 * does not depend on how many keys there are: to insert looks at no more than 16 places for one to
 * reuse, and goes on from there the next time.
 */
import type { BucketEntries } from './memory-entries.ts';

const lookedAtPerInsert = 16;

export class BucketKeys {
  private readonly entries: BucketEntries;
  private readonly capacity: number;
  private readonly mask: number;
  private readonly highs: Uint32Array;
  private readonly lows: Uint32Array;
  /** The bucket's number; 0 is an empty place. */
  private readonly buckets: Uint32Array;
  /** The last millisecond at which anything of the bucket is alive. */
  private readonly liveUntil: Float64Array;
  private count = 0;
  private hand = 0;

  constructor(entries: BucketEntries, capacity: number) {
    this.entries = entries;
    this.capacity = capacity;
    const places = 2 ** Math.ceil(Math.log2(Math.max(capacity, 8) * 2));
    this.mask = places - 1;
    this.highs = new Uint32Array(places);
    this.lows = new Uint32Array(places);
    this.buckets = new Uint32Array(places);
    this.liveUntil = new Float64Array(places);
  }

  get size(): number {
    return this.count;
  }

  /** The place of a key, or -1; places hold until the next insert or remove. */
  find(high: number, low: number): number {
    let place = low & this.mask;
    while (this.buckets[place] !== 0) {
      if (this.lows[place] === low && this.highs[place] === high) return place;
      place = (place + 1) & this.mask;
    }
    return -1;
  }

  /** The place of a new key with no entries yet, or -1 where no room was found. */
  insert(high: number, low: number, nowMs: number): number {
    if (this.count >= this.capacity && !this.makeRoom(nowMs)) return -1;
    let place = low & this.mask;
    while (this.buckets[place] !== 0) place = (place + 1) & this.mask;
    this.highs[place] = high;
    this.lows[place] = low;
    this.buckets[place] = this.entries.open();
    this.liveUntil[place] = nowMs;
    this.count += 1;
    return place;
  }

  bucketAt(place: number): number {
    return this.buckets[place] as number;
  }

  setBucket(place: number, bucket: number, liveUntilMs: number): void {
    this.buckets[place] = bucket;
    this.liveUntil[place] = Math.max(this.liveUntil[place] as number, liveUntilMs);
  }

  /** Frees the place and closes the gap, so that no probe ends early. */
  remove(place: number): void {
    this.entries.close(this.bucketAt(place));
    this.count -= 1;
    let gap = place;
    let next = (gap + 1) & this.mask;
    while (this.buckets[next] !== 0) {
      const home = (this.lows[next] as number) & this.mask;
      // A key may move back only to a place that its own probe passes.
      if (((next - home) & this.mask) >= ((next - gap) & this.mask)) {
        this.moveTo(gap, next);
        gap = next;
      }
      next = (next + 1) & this.mask;
    }
    this.buckets[gap] = 0;
  }

  private moveTo(to: number, from: number): void {
    this.highs[to] = this.highs[from] as number;
    this.lows[to] = this.lows[from] as number;
    this.buckets[to] = this.buckets[from] as number;
    this.liveUntil[to] = this.liveUntil[from] as number;
  }

  private makeRoom(nowMs: number): boolean {
    for (let looked = 0; looked < lookedAtPerInsert; looked += 1) {
      const place = this.hand;
      const isOver = this.buckets[place] !== 0 && (this.liveUntil[place] as number) < nowMs;
      if (isOver) {
        this.remove(place);
        return true;
      }
      this.hand = (place + 1) & this.mask;
    }
    return false;
  }
}
