/**
 * The buckets of a memory store: one per key while there is room, and 1,024 shared ones per rate
 * for later keys. Live keys are never evicted. A key that moves from a shared bucket to its own
 * takes a copy of the shared count along, so that moving never grants a fresh limit.
 */

import { KeyedHash } from '../keyed-hash.ts';
import { BucketEntries } from './memory-entries.ts';
import { BucketKeys } from './memory-keys.ts';
import type { Charge, MemoryPlace, ReceiptLine } from './store.ts';
import { stampOf, untilForgotten } from './window.ts';

const sharedPerRate = 1024;
/** Shared buckets for 64 rates; beyond that, new keys get no bucket and are refused. */
const sharedMax = sharedPerRate * 64;

export class MemoryBuckets {
  readonly #entries = new BucketEntries();
  readonly #own: BucketKeys;
  readonly #shared: BucketKeys;
  readonly #hash: KeyedHash;
  /** The selected bucket; 0 if it does not exist yet. */
  #bucket = 0;
  #place = -1;
  #isShared = false;
  #high = 0;
  #low = 0;

  constructor(keysMax: number, seed: readonly [number, number]) {
    this.#own = new BucketKeys(this.#entries, keysMax);
    this.#shared = new BucketKeys(this.#entries, Math.min(sharedMax, keysMax));
    this.#hash = new KeyedHash(seed[0], seed[1]);
  }

  /** Keys with a bucket of their own, and the number of shared buckets. */
  get sizes(): { readonly keys: number; readonly shared: number } {
    return { keys: this.#own.size, shared: this.#shared.size };
  }

  /** Selects a charge's bucket, to which the methods below apply. */
  select(charge: Charge): void {
    const { high, low } = this.#hashOf(charge);
    this.#selectOwn(high, low);
    if (this.#place === -1 && this.#shared.size > 0) {
      this.#selectShared(charge.rate, high);
      this.#high = high;
      this.#low = low;
    }
  }

  /** Live units in the bucket. */
  spent(nowMs: number, windowMs: number): number {
    return this.#bucket === 0 ? 0 : this.#entries.total(this.#bucket, nowMs, windowMs);
  }

  /** Time until everything in it has expired. */
  resetMs(nowMs: number, windowMs: number): number {
    const newest = this.#bucket === 0 ? undefined : this.#entries.newest(this.#bucket);
    return newest === undefined ? 0 : untilForgotten(newest, nowMs, windowMs);
  }

  /** Time until `units` are free; the whole window if they never are. */
  freeInMs(units: number, nowMs: number, windowMs: number): number {
    const stamp = this.#bucket === 0 ? undefined : this.#entries.stampToFree(this.#bucket, units);
    return stamp === undefined ? windowMs : untilForgotten(stamp, nowMs, windowMs);
  }

  /** Counts units and returns their place; undefined if no bucket is available. */
  add(charge: Charge, nowMs: number, amount: number): ReceiptLine<MemoryPlace> | undefined {
    const { limit, windowMs } = charge;
    if ((this.#place === -1 || this.#isShared) && !this.#settle(charge, nowMs)) return undefined;
    const keys = this.#isShared ? this.#shared : this.#own;
    this.#bucket = this.#entries.add(this.#bucket, stampOf(nowMs, limit, windowMs), amount);
    const stampMs = this.#entries.newest(this.#bucket) ?? nowMs;
    keys.setBucket(this.#place, this.#bucket, stampMs + windowMs);
    const place = { high: this.#high, low: this.#low, shared: this.#isShared };
    return { place, stampMs, windowMs, left: amount };
  }

  /** Removes units from where they were counted; no effect if they have expired. */
  takeBack(from: MemoryPlace, stampMs: number, amount: number): void {
    const keys = from.shared ? this.#shared : this.#own;
    const place = keys.find(from.high, from.low);
    if (place === -1) return;
    const bucket = keys.bucketAt(place);
    this.#entries.takeBack(bucket, stampMs, amount);
    if (this.#entries.newest(bucket) === undefined) keys.remove(place);
  }

  #hashOf({ rate, key, memo }: Charge): { readonly high: number; readonly low: number } {
    const hash = this.#hash;
    if (memo?.hash?.by === hash) return memo.hash;
    hash.update(`${rate.length}:${rate}${key}`);
    if (memo !== undefined) memo.hash = { by: hash, high: hash.high, low: hash.low };
    return hash;
  }

  #selectOwn(high: number, low: number): void {
    this.#high = high;
    this.#low = low;
    this.#isShared = false;
    this.#place = this.#own.find(high, low);
    this.#bucket = this.#place === -1 ? 0 : this.#own.bucketAt(this.#place);
  }

  #selectShared(rate: string, high: number): void {
    this.#hash.update(rate);
    const low = (this.#hash.low + (high % sharedPerRate)) >>> 0;
    const place = this.#shared.find(this.#hash.high, low);
    this.#isShared = place !== -1;
    this.#place = place;
    this.#bucket = place === -1 ? 0 : this.#shared.bucketAt(place);
  }

  /** Gives the selected key a bucket: its own if there is room, else a shared one. */
  #settle(charge: Charge, nowMs: number): boolean {
    const high = this.#high;
    const low = this.#low;
    const sharedBucket = this.#bucket;
    this.#place = this.#own.insert(high, low, nowMs);
    if (this.#place !== -1) {
      this.#isShared = false;
      this.#bucket = this.#own.bucketAt(this.#place);
      if (sharedBucket !== 0) this.#inherit(sharedBucket, nowMs, charge.windowMs);
      return true;
    }
    this.#selectShared(charge.rate, high);
    this.#high = this.#hash.high;
    this.#low = (this.#hash.low + (high % sharedPerRate)) >>> 0;
    this.#isShared = true;
    if (this.#place === -1) {
      this.#place = this.#shared.insert(this.#high, this.#low, nowMs);
      if (this.#place !== -1) this.#bucket = this.#shared.bucketAt(this.#place);
    }
    return this.#place !== -1;
  }

  #inherit(from: number, nowMs: number, windowMs: number): void {
    if (this.#entries.total(from, nowMs, windowMs) === 0) return;
    this.#entries.close(this.#bucket);
    this.#bucket = this.#entries.copyOf(from);
    const newest = this.#entries.newest(this.#bucket) ?? nowMs;
    this.#own.setBucket(this.#place, this.#bucket, newest + windowMs);
  }
}
