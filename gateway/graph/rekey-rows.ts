/**
 * Matches what an upstream answered with what it was asked for, by the key that each row states.
 *
 * An upstream that omits, reorders, repeats or invents rows can never give one person's data to
 * another: position means nothing, and where two rows claim one key neither is believed.
 */
import { UpstreamFailure } from '../errors.ts';
import { isRounded } from './upstream-value.ts';

/** Response key under which rows say whose they are; only the gateway writes it. */
export const keyAlias = '_fgKey';

/** One object as an executor gave it, keyed by response key. */
export type Row = Readonly<Record<string, unknown>>;

/** Whose rows they are, and the field that is their key where they can state it. */
export interface RowsOf {
  readonly upstream: string;
  readonly keyField: string | undefined;
}

/** For each key: its row, null where it was not answered, or a failure. */
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
  // A row that failed does not say whose it was: it may be that of any key without an answer.
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

/** What stands for a key now: the row, or one failure, however many rows claim the key. */
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

/** The object if it states the key it was asked for, else a failure. */
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
 * Whether the row says the same under the key's own name, which is read as the key of the object
 * that it is put into: by the caller, by links, and by the record of whose data left.
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
 * A copy for one reader: stitching writes into the objects it reads, and rows by key are shared
 * by all that asked for the key. Failures are kept, not copied.
 */
export function copyRow<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(copyRow) as Value;
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of Object.entries(value)) copy[key] = copyRow(inner);
  return copy as Value;
}
