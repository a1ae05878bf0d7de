/**
 * The items in progress, each in a slot that is reused after its removal.
 *
 * Not a Map or a Set: when a long-lived Map rehashes, its old table stays in the old generation and
 * keeps every item of that moment alive, with all that it references. A seventh of what requests
 * allocated was retained that way.
 */
export class Roster<T extends object> {
  readonly #items: (T | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#items.length - this.#free.length;
  }

  /** Returns the slot, which `delete` needs. */
  add(item: T): number {
    const slot = this.#free.pop() ?? this.#items.length;
    this.#items[slot] = item;
    return slot;
  }

  /** Returns whether the item was there: a freed slot may already belong to another. */
  delete(item: T, slot: number): boolean {
    if (this.#items[slot] !== item) return false;
    this.#items[slot] = undefined;
    this.#free.push(slot);
    return true;
  }

  /** Visits the items in no order; `visit` may add and delete. */
  each(visit: (item: T, slot: number) => void): void {
    for (let slot = 0; slot < this.#items.length; slot += 1) {
      const item = this.#items[slot];
      if (item !== undefined) visit(item, slot);
    }
  }
}
