/**
 * A map for what comes and goes with requests. A Map makes itself a new table every few changes, and
 * the old table points to the new one: the first that the garbage collector has taken for old keeps
 * all later ones alive, and with them what they held. Of every request its objects would outlive it
 * until the next full collection. This one begins a new Map before that costs anything.
 */
export class PassingMap<K, V> {
  #map = new Map<K, V>();
  /** Additions to this Map. */
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

  /** In the order in which they came; what is added meanwhile may be missed. */
  [Symbol.iterator](): IterableIterator<[K, V]> {
    return this.#map[Symbol.iterator]();
  }
}

const renewAfter = 64;
