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
  const entries = Object.entries(Array.isArray(value) ? itemsOf(value) : value);
  for (const [key, item] of entries) {
    yield* toDeepPairs(toKeyed(name, key, means), item, means, depth + 1);
  }
}

/** One value is a list of one. */
export function itemsOf(value: unknown): unknown[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => item !== null);
}
