/**
 * The contract of a rate store, wherever it counts: `limit: N, windowMs: W` never grants more than
 * N in any interval of length W, under any interleaving. The charges of one call are decided
 * together: if one refuses, nothing is charged. Fails closed: a store that cannot answer says so,
 * and its caller refuses.
 */

/**
 * What stores have computed for one rate and key, cached with the key. A store uses only entries
 * that it made itself.
 */
export interface BucketMemo {
  hash?: { readonly by: object; readonly high: number; readonly low: number };
  name?: { readonly by: object; readonly text: string };
}

/** One bucket to charge. */
export interface Charge {
  /** The rate's name; with `key` it names the bucket, so a new limit refills nothing. */
  readonly rate: string;
  /** Identity text; never stored or sent in clear. */
  readonly key: string;
  readonly limit: number;
  readonly windowMs: number;
  /** Units; 0 reads the state and charges nothing. */
  readonly amount: number;
  /** Reserve what is left, at least 1, instead of refusing. */
  readonly partial?: boolean;
  /** In shadow mode: takes nothing if it does not fit, and refuses nothing; not with `partial`. */
  readonly inShadow?: boolean;
  /** The memo of this rate and key, if they will be charged again. */
  readonly memo?: BucketMemo | undefined;
}

export interface Granted {
  readonly ok: true;
  /** By charge; less than the amount for a shadow charge that would have refused. */
  readonly granted: readonly number[];
  /** Units left, by charge. */
  readonly remaining: readonly number[];
  /** Time until the whole limit is available again, by charge. */
  readonly resetMs: readonly number[];
  readonly receipt: Receipt;
  /** Decided by this instance's share alone, because the shared store did not answer. */
  readonly local?: boolean;
}

export interface Refused {
  readonly ok: false;
  /** The charge with the longest wait. */
  readonly refused: number;
  /** Earliest time at which it could fit; the whole window if it never can. */
  readonly retryAfterMs: number;
  readonly remaining: readonly number[];
  readonly resetMs: readonly number[];
  readonly local?: boolean;
}

export type Outcome = Granted | Refused | { readonly ok: 'unavailable' };

/** Where one charge was counted, and how much of it may still be returned. */
export interface ReceiptLine<Place> {
  readonly place: Place;
  readonly stampMs: number;
  readonly windowMs: number;
  left: number;
}

export interface MemoryPlace {
  readonly high: number;
  readonly low: number;
  /** Whether several keys share the bucket. */
  readonly shared: boolean;
}

/** Lines are in the order of the charges. */
export type Receipt =
  | { readonly kind: 'memory'; readonly lines: readonly ReceiptLine<MemoryPlace>[] }
  | { readonly kind: 'redis'; readonly lines: readonly ReceiptLine<string>[] };

export interface RateStore {
  /** Throws TypeError for numbers that no bucket can have. */
  charge(charges: readonly Charge[]): Outcome | Promise<Outcome>;
  /** Returns unused units; in total never more than the receipt was granted. */
  giveBack(receipt: Receipt, amounts: readonly number[]): void | Promise<void>;
  close(): Promise<void>;
}

/** Counts stay well within 32 bits, windows within about a year. */
const limitMax = 1_000_000_000;
const windowMsMax = 366 * 86_400_000;

const isWhole = (value: number, least: number, most: number): boolean =>
  Number.isInteger(value) && value >= least && value <= most;

/** Throws TypeError: a count that is not an integer would never refuse. */
export function checkCharges(charges: readonly Charge[]): void {
  for (const { rate, limit, windowMs, amount } of charges) {
    if (!isWhole(limit, 0, limitMax)) throw new TypeError(`rate "${rate}": limit out of range`);
    if (!isWhole(windowMs, 1, windowMsMax)) {
      throw new TypeError(`rate "${rate}": window out of range`);
    }
    if (!isWhole(amount, 0, Number.MAX_SAFE_INTEGER)) {
      throw new TypeError(`rate "${rate}": amount out of range`);
    }
  }
}

/**
 * Takes from a receipt's line what may still be returned, at most `wanted`; the caller must return
 * exactly that to the bucket.
 */
export function takeFromLine(line: ReceiptLine<unknown>, wanted: number): number {
  if (!(wanted > 0)) return 0;
  const amount = Math.min(Math.floor(wanted), line.left);
  line.left -= amount;
  return amount;
}
