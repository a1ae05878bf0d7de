/**
 * Writes a value in the style `deepObject`, in a query or form: `a[b]=c`, and `a[0]=c` for lists,
 * numbered so that the parts of one item stay together. Pure; fails closed.
 */
import { type Means, toKeyed, toText } from './pair-text.ts';

export type Pair = readonly [name: string, text: string];

const depthMax = 64;

/** The pairs without null and absent values; throws the error from `refuse`. `name` is encoded. */
export function* toDeepPairs(
  name: string,
  value: unknown,
  means: Means,
  depth = 0,
): Generator<Pair> {
  if (value === null || value === undefined) return;
  if (typeof value !== 'object') {
    yield [name, toText(value, means)];
    return;
  }
  if (depth >= depthMax) throw means.refuse('a value that nests too deeply');
  const entries = Object.entries(Array.isArray(value) ? itemsOf(value, means.refuse) : value);
  for (const [key, item] of entries) {
    yield* toDeepPairs(toKeyed(name, key, means), item, means, depth + 1);
  }
}

/**
 * The items to send; one value is a list of one. Refuses a list without any, which has no spelling
 * in a query or form. Left out, it would lift the filter that the caller wrote, and the service
 * would answer with everything; or a list that the caller wanted empty would stay as it is.
 */
export function itemsOf(value: unknown, refuse: Means['refuse']): unknown[] {
  const items = [value].flat().filter((item) => item !== null);
  if (items.length === 0) throw refuse('an empty list');
  return items;
}
