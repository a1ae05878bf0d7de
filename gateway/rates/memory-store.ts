/**
 * Counts in this process's memory, synchronously. The number of keys is bounded; when all are live,
 * new keys share buckets of their rate (see memory-buckets.ts), which can only refuse too early.
 * Time never runs backwards here: the latest reading holds until the clock has caught up, so a
 * clock that is set back refuses too early, and one that jumps ahead drops only what is older than
 * the window by that clock. A monotonic clock does neither.
 */
import { MemoryBuckets } from './memory-buckets.ts';
import {
  type Charge,
  checkCharges,
  type MemoryPlace,
  type Outcome,
  type RateStore,
  type Receipt,
  type ReceiptLine,
  takeFromLine,
} from './store.ts';
import { grantOf } from './window.ts';

export interface MemoryStoreOptions {
  /** Milliseconds from any start; should be monotonic. */
  readonly clock: () => number;
  /** Most keys of all rates together; default 200,000. */
  readonly keysMax?: number;
  /** Two random 32-bit numbers, for this process alone; drawn by default. */
  readonly seed?: readonly [number, number];
}

export interface MemoryStore extends RateStore {
  charge(charges: readonly Charge[]): Outcome;
  giveBack(receipt: Receipt, amounts: readonly number[]): void;
  /** Keys with a bucket of their own, and the number of shared buckets. */
  sizes(): { readonly keys: number; readonly shared: number };
}

const keysMaxDefault = 200_000;
/** Most keys of rates in shadow mode. */
const shadowedKeysMax = 50_000;

type BucketsOf = (charge: Charge) => MemoryBuckets;

/** Throws TypeError if `keysMax` is not an integer from 1 to 16,777,216. */
export function createMemoryStore(options: MemoryStoreOptions): MemoryStore {
  const { clock, keysMax = keysMaxDefault, seed = drawSeed() } = options;
  if (!Number.isInteger(keysMax) || keysMax < 1 || keysMax > 2 ** 24) {
    throw new TypeError('keysMax must be a whole number from 1 to 16777216');
  }
  const buckets = new MemoryBuckets(keysMax, seed);
  // Separate room, so that rates in shadow mode cannot displace those in force.
  let shadowed: MemoryBuckets | undefined;
  const bucketsOf: BucketsOf = ({ inShadow }) => {
    if (inShadow !== true) return buckets;
    shadowed ??= new MemoryBuckets(Math.min(keysMax, shadowedKeysMax), seed);
    return shadowed;
  };
  let latestMs = Number.NEGATIVE_INFINITY;
  return {
    charge: (charges) => {
      checkCharges(charges);
      latestMs = Math.max(latestMs, Math.floor(clock()));
      return decide(bucketsOf, charges, latestMs);
    },
    giveBack: (receipt, amounts) => {
      if (receipt.kind !== 'memory') throw new TypeError('a receipt of another store');
      giveBack(buckets, receipt.lines, amounts);
    },
    sizes: () => buckets.sizes,
    close: async () => undefined,
  };
}

function drawSeed(): [number, number] {
  const [first = 0, second = 0] = crypto.getRandomValues(new Uint32Array(2));
  return [first, second];
}

function decide(bucketsOf: BucketsOf, charges: readonly Charge[], nowMs: number): Outcome {
  const lines: ReceiptLine<MemoryPlace>[] = [];
  const before = standingOf(charges);
  const after = standingOf(charges);
  let refused = -1;
  let retryAfterMs = 0;
  let index = -1;
  for (const charge of charges) {
    index += 1;
    const { limit, windowMs } = charge;
    const buckets = bucketsOf(charge);
    buckets.select(charge);
    const spent = buckets.spent(nowMs, windowMs);
    before.remaining[index] = Math.max(0, limit - spent);
    before.resetMs[index] = buckets.resetMs(nowMs, windowMs);
    const line = place(buckets, charge, nowMs, grantOf(charge, spent));
    lines.push(line ?? noLine(windowMs));
    if (line === undefined && charge.inShadow !== true) {
      const waitMs = waitFor(buckets, charge, nowMs, spent);
      if (refused === -1 || waitMs > retryAfterMs) refused = index;
      retryAfterMs = Math.max(retryAfterMs, waitMs);
    }
    after.remaining[index] = Math.max(0, limit - spent - (line?.left ?? 0));
    after.resetMs[index] = buckets.resetMs(nowMs, windowMs);
  }
  if (refused === -1) {
    const granted = lines.map((line) => line.left);
    const { remaining, resetMs } = after;
    return { ok: true, granted, remaining, resetMs, receipt: { kind: 'memory', lines } };
  }
  for (const [at, charge] of charges.entries()) {
    const line = lines[at];
    if (line === undefined || line.left === 0) continue;
    bucketsOf(charge).takeBack(line.place, line.stampMs, line.left);
  }
  return { ok: false, refused, retryAfterMs, ...before };
}

/** Allocated at full length: arrays that grow over-allocate. */
const standingOf = (charges: readonly Charge[]) => ({
  remaining: charges.map(() => 0),
  resetMs: charges.map(() => 0),
});

const noLine = (windowMs: number): ReceiptLine<MemoryPlace> => ({
  place: { high: 0, low: 0, shared: false },
  stampMs: 0,
  windowMs,
  left: 0,
});

function place(
  buckets: MemoryBuckets,
  charge: Charge,
  nowMs: number,
  granted: number | undefined,
): ReceiptLine<MemoryPlace> | undefined {
  if (granted === undefined) return undefined;
  return granted === 0 ? noLine(charge.windowMs) : buckets.add(charge, nowMs, granted);
}

function waitFor(buckets: MemoryBuckets, charge: Charge, nowMs: number, spent: number): number {
  const { limit, windowMs, partial } = charge;
  const wanted = partial === true ? 1 : charge.amount;
  if (wanted > limit) return windowMs;
  return buckets.freeInMs(spent + wanted - limit, nowMs, windowMs);
}

function giveBack(
  buckets: MemoryBuckets,
  lines: readonly ReceiptLine<MemoryPlace>[],
  amounts: readonly number[],
): void {
  for (const [index, line] of lines.entries()) {
    const amount = takeFromLine(line, amounts[index] ?? 0);
    if (amount > 0) buckets.takeBack(line.place, line.stampMs, amount);
  }
}
