/**
 * The rows that one request has asked for by key, so that each key is asked for once per selection,
 * whenever it is wanted. Bounded by the request, and freed with it; nothing is evicted.
 */
import type { Row } from '../graph/rekey-rows.ts';
import { partOf, type Selection } from './program.ts';

export type Key = string | number;
export type Fetched = Row | Error | null;
export type Give = (row: Fetched) => void;

/** The row of one key, or the readers that wait for it. */
export class KnownRow {
  readonly key: Key;
  /** The selection that the row is read with. */
  readonly #selection: Selection;
  readonly #waiting: Give[] = [];
  #row: Fetched | undefined;
  #isGiven = false;
  /** Set when the row is asked for; resolves when it has arrived. */
  asked: Promise<void> | undefined;

  constructor(key: Key, selection: Selection) {
    this.key = key;
    this.#selection = selection;
  }

  get isThere(): boolean {
    return this.#row !== undefined;
  }

  /** Calls `give` with the row, at once if it has arrived. */
  want(give: Give): void {
    if (this.#row === undefined) this.#waiting.push(give);
    else give(this.#ownRow(this.#row));
  }

  answer(row: Fetched): void {
    this.#row = row;
    for (const give of this.#waiting) give(this.#ownRow(row));
    this.#waiting.length = 0;
  }

  /** Readers write into their rows, so every reader after the first gets a copy. */
  #ownRow(row: Fetched): Fetched {
    if (row === null || row instanceof Error) return row;
    if (this.#isGiven) return copyObject(row, this.#selection);
    this.#isGiven = true;
    return row;
  }
}

/** Rows by loader key, then by key. */
export type KnownRows = Map<object, Map<Key, KnownRow>>;

/** Copies what was read from the upstream, without what readers have added since. */
function copyObject(row: Row, selection: Selection): Row {
  const copy: Record<string, unknown> = Object.create(null);
  if (Object.hasOwn(row, '__typename')) copy.__typename = row.__typename;
  for (const { rawKey, selection: inner } of partOf(selection, row)?.fields ?? []) {
    if (Object.hasOwn(row, rawKey)) copy[rawKey] = copyValue(row[rawKey], inner);
  }
  return copy;
}

function copyValue(value: unknown, selection: Selection | undefined): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  // Lists of leaves too: each reader settles an Error in its own copy.
  if (Array.isArray(value)) return value.map((item) => copyValue(item, selection));
  return selection === undefined ? value : copyObject(value as Row, selection);
}
