/**
 * What was found out about an object, hung on the object itself: it goes when the object goes.
 *
 * Not a WeakMap: what stands in one as a value outlives every small collection, whatever has become
 * of its key, and of a document that comes once everything would be kept until the large one.
 */
export interface Memo<K extends object, V> {
  /** Undefined where nothing was set, for this very object and not for what it is a copy of. */
  get(key: K): V | undefined;
  /** The object must not be frozen. */
  set(key: K, value: V): void;
}

interface Note<V> {
  readonly about: object;
  readonly value: V;
}

export function createMemo<K extends object, V>(): Memo<K, V> {
  const mark = Symbol('memo');
  const noteOn = (key: K): Note<V> | undefined => (key as { [mark]?: Note<V> })[mark];
  return {
    get(key) {
      const note = noteOn(key);
      return note?.about === key ? note.value : undefined;
    },
    set(key, value) {
      const note: Note<V> = { about: key, value };
      // Not enumerable: what spreads or walks the object does not see it.
      Object.defineProperty(key, mark, { value: note, configurable: true, writable: true });
    },
  };
}
