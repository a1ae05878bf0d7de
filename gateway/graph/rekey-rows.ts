/**
 * Matches the rows of an answer to the keys that were asked for, by the key that each row states.
 *
 * Fails closed: an upstream that omits, reorders, repeats or invents rows can never give one
 * person's data to another. Position means nothing, and if two rows state one key, both are
 * rejected.
 */
import { UpstreamFailure } from '../errors.ts';
import { isRounded } from './upstream-value.ts';

/** Response key under which rows state their key; only the gateway writes it. */
export const keyAlias = '_fgKey';

/** One object as an executor gave it, by response key. */
export type Row = Readonly<Record<string, unknown>>;

/** The upstream that sends the rows, and the field that holds their key, if they can state it. */
export interface RowsOf {
  readonly upstream: string;
  readonly keyField: string | undefined;
}

/** For each key: its row, null if there was no answer for it, or a failure. */
export function rekeyRows(
  rows: unknown,
  keys: readonly unknown[],
  { upstream, keyField }: RowsOf,
): (Row | UpstreamFailure | null)[] {
  if (rows === null || rows === undefined) return keys.map(() => null);
  const failed = (why: string): UpstreamFailure => new UpstreamFailure({ upstream, why });
  if (!Array.isArray(rows)) return keys.map(() => failed('rows by key are not a list'));
  const asked = new Set(keys.map(String));
  const byKey = new Map<string, Row | UpstreamFailure>();
  // A failed row does not state its key: it may belong to any key without an answer.
  let lost: UpstreamFailure | null = null;
  for (const row of rows as readonly unknown[]) {
    const key = statedKey(row);
    if (key instanceof Error) {
      lost ??= key instanceof UpstreamFailure ? key : failed('a row failed');
    } else if (key !== undefined && asked.has(key)) {
      byKey.set(key, believed(row as Row, { key, upstream, keyField, before: byKey.get(key) }));
    }
  }
  return keys.map((key) => byKey.get(String(key)) ?? lost);
}

/** The result for a key: the row, or one failure, however many rows state the key. */
function believed(
  row: Row,
  {
    key,
    upstream,
    keyField,
    before,
  }: RowsOf & { key: string; before: Row | UpstreamFailure | undefined },
): Row | UpstreamFailure {
  if (before instanceof UpstreamFailure) return before;
  if (before !== undefined) return new UpstreamFailure({ upstream, why: 'two rows have one key' });
  return statesOne(row, key, keyField) ? row : new UpstreamFailure({ upstream, why: twoKeys });
}

/** The row if it states the key that was asked for, else a failure. */
export function checkKey(
  row: Row | null,
  key: string | number,
  { upstream, keyField }: RowsOf,
): Row | UpstreamFailure | null {
  if (row === null) return null;
  const stated = statedKey(row);
  if (stated instanceof UpstreamFailure) return stated;
  const isIts = stated === String(key);
  if (isIts && statesOne(row, stated, keyField)) return row;
  return new UpstreamFailure({ upstream, why: isIts ? twoKeys : 'answered with another key' });
}

const twoKeys = 'a row has two keys';

/**
 * Whether the key field, if selected, agrees with the stated key. The caller, links and the audit
 * record read it as the key of the object that the row is merged into.
 */
function statesOne(row: Row, stated: string, keyField: string | undefined): boolean {
  if (keyField === undefined || !Object.hasOwn(row, keyField)) return true;
  const named: unknown = row[keyField];
  return (typeof named === 'string' || typeof named === 'number') && String(named) === stated;
}

function statedKey(row: unknown): string | Error | undefined {
  if (row instanceof Error) return row;
  if (typeof row !== 'object' || row === null || !Object.hasOwn(row, keyAlias)) return undefined;
  const key: unknown = Reflect.get(row, keyAlias);
  if (key instanceof Error) return key;
  if (isRounded(key)) return new Error('a key that was rounded');
  return typeof key === 'string' || typeof key === 'number' ? String(key) : undefined;
}

/**
 * Copies rows for one reader: stitching writes into the objects it reads, and rows by key are
 * shared by all that asked for the key. Failures are not copied.
 */
export function copyRow<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(copyRow) as Value;
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of Object.entries(value)) copy[key] = copyRow(inner);
  return copy as Value;
}
