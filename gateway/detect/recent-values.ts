/**
 * The most recently seen distinct values, up to a maximum, each with its time. There are that many
 * within the window exactly if the oldest kept value is, so whether the maximum is reached is
 * exact. All keys share a budget; values beyond it are counted each time they come, which can only
 * overcount.
 */
import { SlidingCount, toSlot } from './sliding-count.ts';

/** Room for values, shared by all keys. */
export interface ValueBudget {
  left: number;
}

export class RecentValues {
  /** Least recently seen first. */
  readonly #seenMs = new Map<number, number>();
  readonly #most: number;
  readonly #windowMs: number;
  readonly #budget: ValueBudget;
  #uncounted: SlidingCount | undefined;

  constructor(most: number, windowMs: number, budget: ValueBudget) {
    this.#most = most;
    this.#windowMs = windowMs;
    this.#budget = budget;
  }

  add(values: readonly number[], nowMs: number): void {
    this.advance(nowMs);
    for (const value of values) this.#addOne(value, nowMs);
  }

  #addOne(value: number, nowMs: number): void {
    if (this.#seenMs.delete(value)) {
      this.#seenMs.set(value, nowMs);
    } else if (this.#seenMs.size >= this.#most) {
      this.#dropOldest();
      this.#keep(value, nowMs);
    } else if (this.#budget.left > 0) {
      this.#keep(value, nowMs);
    } else {
      this.#uncounted ??= new SlidingCount();
      this.#uncounted.add(1, toSlot(nowMs, this.#windowMs));
    }
  }

  #keep(value: number, nowMs: number): void {
    this.#budget.left -= 1;
    this.#seenMs.set(value, nowMs);
  }

  #dropOldest(): void {
    for (const oldest of this.#seenMs.keys()) {
      this.#seenMs.delete(oldest);
      this.#budget.left += 1;
      return;
    }
  }

  /** Drops values that are outside the window. */
  advance(nowMs: number): void {
    for (const seenMs of this.#seenMs.values()) {
      if (seenMs >= nowMs - this.#windowMs) break;
      this.#dropOldest();
    }
    this.#uncounted?.advance(toSlot(nowMs, this.#windowMs));
  }

  /** The number of distinct values, capped at the maximum. */
  get total(): number {
    return Math.min(this.#most, this.#seenMs.size + (this.#uncounted?.total ?? 0));
  }

  /** Whether one value may have been counted more than once. */
  get isRough(): boolean {
    return this.#uncounted !== undefined && this.#uncounted.total > 0;
  }

  /** Forgets all values and gives their room back. */
  clear(): void {
    this.#budget.left += this.#seenMs.size;
    this.#seenMs.clear();
    this.#uncounted = undefined;
  }

  /** Starts with what another has seen. */
  copy(other: RecentValues): void {
    if (other.#uncounted !== undefined) {
      this.#uncounted = new SlidingCount();
      this.#uncounted.copy(other.#uncounted);
    }
    for (const [value, seenMs] of other.#seenMs) this.#addOne(value, seenMs);
  }
}
