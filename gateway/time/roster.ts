/**
 * What is under way, each in a place of its own that is emptied when it leaves.
 *
 * Not a Map or a Set: one that lives long leaves its old table behind whenever it makes itself
 * another, in the generation that is collected last, and whatever was under way then is kept alive
 * by that table, with all that hangs on it. Of what requests made a seventh was kept so.
 */
export class Roster<T extends object> {
  readonly #ones: (T | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#ones.length - this.#free.length;
  }

  /** Its place, to be given back with it. */
  add(one: T): number {
    const place = this.#free.pop() ?? this.#ones.length;
    this.#ones[place] = one;
    return place;
  }

  /** Says whether it was there: a place that was given back already is another's. */
  delete(one: T, place: number): boolean {
    if (this.#ones[place] !== one) return false;
    this.#ones[place] = undefined;
    this.#free.push(place);
    return true;
  }

  /** In no order; `visit` may take out and add. */
  each(visit: (one: T, place: number) => void): void {
    for (let place = 0; place < this.#ones.length; place += 1) {
      const one = this.#ones[place];
      if (one !== undefined) visit(one, place);
    }
  }
}
