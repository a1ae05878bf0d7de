/**
 * How much came within a window that slides: a sum over seventeen slots of a sixteenth of the window
 * each, the running one included. So what came within the window is always in it, wherever its borders
 * fall, and so may be what came up to a sixteenth before.
 */
const slotsPerWindow = 16;
const slots = slotsPerWindow + 1;

/** The number of the slot that a moment is in. */
export const toSlot = (nowMs: number, windowMs: number): number =>
  Math.floor((nowMs * slotsPerWindow) / windowMs);

export class SlidingCount {
  readonly #amounts = new Float64Array(slots);
  #slot = 0;
  total = 0;

  /** `slot` as `toSlot` numbers it; an earlier one than was seen is taken for that. */
  add(amount: number, slot: number): void {
    this.turn(slot);
    const at = this.#slot % slots;
    this.#amounts[at] = (this.#amounts[at] ?? 0) + amount;
    this.total += amount;
  }

  /** Forgets what is out of the window. */
  turn(slot: number): void {
    const ahead = slot - this.#slot;
    if (ahead <= 0) return;
    if (ahead >= slots) {
      this.#amounts.fill(0);
      this.total = 0;
    } else {
      for (let next = this.#slot + 1; next <= slot; next += 1) {
        const at = next % slots;
        this.total -= this.#amounts[at] ?? 0;
        this.#amounts[at] = 0;
      }
    }
    this.#slot = slot;
  }

  /** Begins with what another has counted, instead of nothing. */
  copy(other: SlidingCount): void {
    this.#amounts.set(other.#amounts);
    this.#slot = other.#slot;
    this.total = other.total;
  }
}
