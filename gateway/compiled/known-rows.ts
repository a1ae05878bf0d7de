/**
 * The rows by key that one request has asked for, so that a key is asked for once by all that ask
 * alike, whenever they come. They live as long as the request, and none leaves it.
 */
import type { Row } from '../graph/rekey-rows.ts';
import { partOf, type Selection } from './program.ts';

export type Key = string | number;
export type Fetched = Row | Error | null;
export type Give = (row: Fetched) => void;

/** The row of one key, or those who wait for it. */
export class KnownRow {
  readonly key: Key;
  /** How its row is read. */
  readonly #selection: Selection;
  readonly #waiting: Give[] = [];
  #row: Fetched | undefined;
  #isGiven = false;
  /** Set when it is asked for; resolves when it is there. */
  asked: Promise<void> | undefined;

  constructor(key: Key, selection: Selection) {
    this.key = key;
    this.#selection = selection;
  }

  get isThere(): boolean {
    return this.#row !== undefined;
  }

  /** At once where the row is there. */
  want(give: Give): void {
    if (this.#row === undefined) this.#waiting.push(give);
    else give(this.#ownRow(this.#row));
  }

  answer(row: Fetched): void {
    this.#row = row;
    for (const give of this.#waiting) give(this.#ownRow(row));
    this.#waiting.length = 0;
  }

  /** Readers write into the rows they get: from the second on they get copies. */
  #ownRow(row: Fetched): Fetched {
    if (row === null || row instanceof Error) return row;
    if (this.#isGiven) return copyObject(row, this.#selection);
    this.#isGiven = true;
    return row;
  }
}

/** By what asks alike, then by key. */
export type KnownRows = Map<object, Map<Key, KnownRow>>;

/** What was read of the upstream, without what readers have added to it since. */
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
  // Lists of leaves too: an Error in them becomes null where it is told, once for each reader.
  if (Array.isArray(value)) return value.map((item) => copyValue(item, selection));
  return selection === undefined ? value : copyObject(value as Row, selection);
}
