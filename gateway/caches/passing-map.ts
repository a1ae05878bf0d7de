/**
 * A Map for short-lived entries, such as those of requests. A Map rehashes every few changes, and
 * its old table points to the new one: the first old table that is promoted to the old generation
 * keeps all later tables, and the entries they held, alive until a major collection. This class
 * starts a new Map before that adds up.
 */
export class PassingMap<K, V> {
  #map = new Map<K, V>();
  /** Additions to the current Map. */
  #added = 0;

  get size(): number {
    return this.#map.size;
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    this.#added += 1;
    if (this.#added > renewAfter && this.#added > 2 * this.#map.size) {
      this.#map = new Map(this.#map);
      this.#added = this.#map.size;
    }
    this.#map.set(key, value);
  }

  delete(key: K): boolean {
    return this.#map.delete(key);
  }

  keys(): IterableIterator<K> {
    return this.#map.keys();
  }

  /** In insertion order; entries added during the iteration may be missed. */
  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#map[Symbol.iterator]();
  }
}

const renewAfter = 64;
