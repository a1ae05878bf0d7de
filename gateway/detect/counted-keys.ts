/**
 * The counts of one detection, by key. Bounded: a limited number of keys have counts of their own,
 * kept while they are within the window or quiet; further keys share counts. A flood of new keys
 * cannot evict a live key, and a key that shares a count is counted too high, never too low: when
 * it gets a count of its own, that starts with the shared one.
 */
import type { CountRule } from './detection.ts';
import { RecentValues, type ValueBudget } from './recent-values.ts';
import { SlidingCount, toSlot } from './sliding-count.ts';

/** Keys with counts of their own. */
export const keysMax = 4_000;
/** Counts shared by all other keys. */
const sharedCounts = 256;
/** Distinct values kept over all keys. */
const valuesMax = 20_000;
/** Ids of requests listed in an alert. */
const requestsKept = 3;
/** Alerts of one detection per minute; further ones are held back and due again a minute later. */
export const alertsPerMinuteMax = 30;
/** Alerts of shared counts per minute, apart, so that a flood of keys cannot use up the others. */
const sharedPerMinuteMax = 5;
/** Old keys examined to find a free place. */
const looksMax = 8;

/** One observation, or several of the same key taken together. */
export interface Seen {
  /** The identity it is counted by, as a hash. */
  readonly key: string;
  readonly amount: number;
  /** The values that must be distinct, as hashes; undefined if amounts are counted. */
  readonly values: readonly number[] | undefined;
  /** Id of the request. */
  readonly request: string | undefined;
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
}

export interface Fired {
  readonly count: number;
  readonly firstMs: number;
  readonly requests: readonly string[];
  readonly crowded: boolean;
  readonly heldBack: number;
}

interface Counted {
  readonly amounts: SlidingCount | undefined;
  readonly values: RecentValues | undefined;
  readonly requests: string[];
  /** By this process's clock. */
  lastMs: number;
  quietUntilMs: number;
  /** Until then the count may include what other keys were counted for. */
  mixedUntilMs: number;
  /** Milliseconds since the epoch. */
  firstMs: number;
}

export class CountedKeys {
  readonly #rule: CountRule;
  readonly #budget: ValueBudget = { left: valuesMax };
  /** Least recently counted first. */
  readonly #own = new Map<string, Counted>();
  readonly #shared = new Map<number, Counted>();
  readonly #alerts = new SlidingCount();
  readonly #sharedAlerts = new SlidingCount();
  #heldBack = 0;
  #nowMs = Number.NEGATIVE_INFINITY;

  constructor(rule: CountRule) {
    this.#rule = rule;
  }

  /** Number of keys with counts of their own. */
  get size(): number {
    return this.#own.size;
  }

  /** Counts; returns an alert if due. `nowMs` may jump, but time never goes back in here. */
  add(seen: Seen, nowMs: number): Fired | undefined {
    if (nowMs > this.#nowMs) this.#nowMs = nowMs;
    const own = this.#ownOf(seen.key);
    const counted = own ?? this.#sharedOf(seen.key);
    this.#count(counted, seen);
    const total = counted.values?.total ?? counted.amounts?.total ?? 0;
    if (total < this.#rule.count || this.#nowMs < counted.quietUntilMs) return undefined;
    if (!this.#mayAlert(own !== undefined)) {
      this.#heldBack += 1;
      counted.quietUntilMs = this.#nowMs + minuteMs;
      return undefined;
    }
    counted.quietUntilMs = this.#nowMs + this.#rule.quietMs;
    const heldBack = this.#heldBack;
    this.#heldBack = 0;
    return {
      count: total,
      firstMs: Math.max(counted.firstMs, seen.timeMs - this.#rule.windowMs),
      requests: [...counted.requests],
      crowded: own === undefined || this.#isMixed(counted),
      heldBack,
    };
  }

  #count(counted: Counted, seen: Seen): void {
    const slot = toSlot(this.#nowMs, this.#rule.windowMs);
    counted.amounts?.advance(slot);
    counted.values?.advance(this.#nowMs);
    if ((counted.values?.total ?? counted.amounts?.total ?? 0) === 0) counted.firstMs = seen.timeMs;
    counted.amounts?.add(seen.amount, slot);
    counted.values?.add(seen.values ?? [], this.#nowMs);
    counted.lastMs = this.#nowMs;
    if (seen.request === undefined) return;
    if (counted.requests.length >= requestsKept) counted.requests.shift();
    counted.requests.push(seen.request);
  }

  /** The key's own count; undefined if there is no place for one. */
  #ownOf(key: string): Counted | undefined {
    const own = this.#own.get(key);
    if (own !== undefined) {
      this.#own.delete(key);
      this.#own.set(key, own);
      return own;
    }
    if (this.#own.size >= keysMax && !this.#makePlace()) return undefined;
    const made = this.#create();
    const shared = this.#shared.get(sharedIndexOf(key));
    if (shared !== undefined && this.#isLive(shared)) {
      if (shared.amounts !== undefined) made.amounts?.copy(shared.amounts);
      if (shared.values !== undefined) made.values?.copy(shared.values);
      made.firstMs = shared.firstMs;
      made.mixedUntilMs = this.#nowMs + this.#rule.windowMs * slack;
    }
    this.#own.set(key, made);
    return made;
  }

  /**
   * Frees a place, oldest keys first; a key that is quiet keeps its place, or it would alert again.
   */
  #makePlace(): boolean {
    for (let look = 0; look < looksMax; look += 1) {
      const [oldest] = this.#own;
      if (oldest === undefined) return true;
      const [key, counted] = oldest;
      if (this.#isLive(counted)) return false;
      this.#own.delete(key);
      if (counted.quietUntilMs <= this.#nowMs) {
        counted.values?.clear();
        return true;
      }
      this.#own.set(key, counted);
    }
    return false;
  }

  /** Whether the window, rounded up to its slots, may still contain something of it. */
  #isLive({ lastMs }: Counted): boolean {
    return this.#nowMs - lastMs <= this.#rule.windowMs * slack;
  }

  #isMixed({ mixedUntilMs, values }: Counted): boolean {
    return this.#nowMs <= mixedUntilMs || values?.isRough === true;
  }

  #sharedOf(key: string): Counted {
    const index = sharedIndexOf(key);
    let shared = this.#shared.get(index);
    if (shared === undefined) {
      shared = this.#create();
      this.#shared.set(index, shared);
    }
    return shared;
  }

  #create(): Counted {
    const { isDistinct, count, windowMs } = this.#rule;
    return {
      amounts: isDistinct ? undefined : new SlidingCount(),
      values: isDistinct ? new RecentValues(count, windowMs, this.#budget) : undefined,
      requests: [],
      lastMs: this.#nowMs,
      quietUntilMs: Number.NEGATIVE_INFINITY,
      mixedUntilMs: Number.NEGATIVE_INFINITY,
      firstMs: 0,
    };
  }

  /**
   * Bounds alerts per minute: a caller who triggers one for each of many keys must not flood
   * readers.
   */
  #mayAlert(isOwn: boolean): boolean {
    const slot = toSlot(this.#nowMs, minuteMs);
    const alerts = isOwn ? this.#alerts : this.#sharedAlerts;
    alerts.advance(slot);
    if (alerts.total >= (isOwn ? alertsPerMinuteMax : sharedPerMinuteMax)) return false;
    alerts.add(1, slot);
    return true;
  }
}

const minuteMs = 60_000;
/** The slots of a window reach a sixteenth beyond it. */
const slack = 1 + 1 / 16;

/** Which shared count a key belongs to: keys are keyed hashes, so callers cannot choose it. */
function sharedIndexOf(key: string): number {
  let index = 0;
  for (let at = 0; at < key.length; at += 1) index = (index * 31 + key.charCodeAt(at)) | 0;
  return (index >>> 0) % sharedCounts;
}
