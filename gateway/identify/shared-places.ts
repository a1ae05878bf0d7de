/**
 * A bounded number of places. One holder has three quarters of them at most, so that a flood from
 * one network leaves room for others.
 */
const shareOfOne = 0.75;

export class SharedPlaces {
  readonly #max: number;
  readonly #taken = new Map<string, number>();
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Returns false, having taken none, if there is none for this holder. */
  take(holder: string): boolean {
    const own = this.#taken.get(holder) ?? 0;
    if (this.#count >= this.#max || own >= this.#max * shareOfOne) return false;
    this.#count += 1;
    this.#taken.set(holder, own + 1);
    return true;
  }

  giveBack(holder: string): void {
    const left = (this.#taken.get(holder) ?? 0) - 1;
    this.#count -= 1;
    if (left > 0) this.#taken.set(holder, left);
    else this.#taken.delete(holder);
  }
}
