/**
 * The different values of late, at most so many: the most recently seen ones, each with its time. As
 * many as are asked for are within the window exactly when the oldest kept is, so the answer to "so
 * many different ones?" is exact. Values share a budget over all keys; what finds no room in it is
 * counted, each time it comes: that can only be too many.
 */
import { SlidingCount, toSlot } from './sliding-count.ts';

/** Room for values, shared. */
export interface ValueBudget {
  left: number;
}

export class RecentValues {
  /** The one seen last stands last. */
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
    this.turn(nowMs);
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

  /** Forgets what is out of the window. */
  turn(nowMs: number): void {
    for (const seenMs of this.#seenMs.values()) {
      if (seenMs >= nowMs - this.#windowMs) break;
      this.#dropOldest();
    }
    this.#uncounted?.turn(toSlot(nowMs, this.#windowMs));
  }

  /** How many there are, at most as many as were asked for. */
  get total(): number {
    return Math.min(this.#most, this.#seenMs.size + (this.#uncounted?.total ?? 0));
  }

  /** Whether one value may have been counted more than once. */
  get isRough(): boolean {
    return this.#uncounted !== undefined && this.#uncounted.total > 0;
  }

  /** Gives its room back. */
  clear(): void {
    this.#budget.left += this.#seenMs.size;
    this.#seenMs.clear();
    this.#uncounted = undefined;
  }

  /** Begins with what another has seen, instead of nothing. */
  copy(other: RecentValues): void {
    if (other.#uncounted !== undefined) {
      this.#uncounted = new SlidingCount();
      this.#uncounted.copy(other.#uncounted);
    }
    for (const [value, seenMs] of other.#seenMs) this.#addOne(value, seenMs);
  }
}
