/**
 * A sum over a sliding window: seventeen slots of a sixteenth of the window each, including the
 * current one. So all of the window is always included, and up to a sixteenth of it before.
 */
const slotsPerWindow = 16;
const slots = slotsPerWindow + 1;

/** The number of the slot that contains a moment. */
export const toSlot = (nowMs: number, windowMs: number): number =>
  Math.floor((nowMs * slotsPerWindow) / windowMs);

export class SlidingCount {
  readonly #amounts = new Float64Array(slots);
  #slot = 0;
  total = 0;

  /** `slot` as `toSlot` numbers it; a slot before the latest counts as the latest. */
  add(amount: number, slot: number): void {
    this.advance(slot);
    const at = this.#slot % slots;
    this.#amounts[at] = (this.#amounts[at] ?? 0) + amount;
    this.total += amount;
  }

  /** Drops slots that are outside the window. */
  advance(slot: number): void {
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

  /** Starts with what another has counted. */
  copy(other: SlidingCount): void {
    this.#amounts.set(other.#amounts);
    this.#slot = other.#slot;
    this.total = other.total;
  }
}
