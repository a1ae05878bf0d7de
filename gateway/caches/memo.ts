/**
 * Caches a value computed from an object on the object itself, so that both are freed together.
 *
 * Not a WeakMap: its values survive every minor collection even when their key is dead, so what
 * belongs to a document sent once would be kept until a major collection.
 */
export interface Memo<K extends object, V> {
  /** Undefined if nothing was set for this object; copies of it do not count. */
  get(key: K): V | undefined;
  /** The object must not be frozen. */
  set(key: K, value: V): void;
}

interface Note<V> {
  readonly owner: object;
  readonly value: V;
}

export function createMemo<K extends object, V>(): Memo<K, V> {
  const mark = Symbol('memo');
  const noteOn = (key: K): Note<V> | undefined => (key as { [mark]?: Note<V> })[mark];
  return {
    get(key) {
      const note = noteOn(key);
      return note?.owner === key ? note.value : undefined;
    },
    set(key, value) {
      const note: Note<V> = { owner: key, value };
      // Not enumerable, so that spreading or iterating the object does not see it.
      Object.defineProperty(key, mark, { value: note, configurable: true, writable: true });
    },
  };
}
