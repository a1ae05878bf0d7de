/**
 * Encodes names and values sent as `name=text` in a query or form. Refuses names that services
 * could read as another name, and values without a textual form. Pure; fails closed.
 */

export interface Means {
  readonly encode: (text: string) => string;
  readonly refuse: (why: string) => Error;
}

/**
 * The encoded `name[key]`. A key such as `x][number`, or one that lenient services read as `number`
 * (`number]`, ` number`, `'number'`), would write another field with rules of its own; an empty
 * key, a list item.
 */
export function toKeyed(name: string, key: string, { encode, refuse }: Means): string {
  if (/^[^'"[\]\p{Cc}][^[\]\p{Cc}]*$/u.test(key) && key.trim() === key)
    return `${name}%5B${encode(key)}%5D`;
  throw refuse('a name that cannot stand in brackets');
}

/** The encoded text of a single value; numbers as in JSON. */
export function toText(value: unknown, { encode, refuse }: Means): string {
  return encode(checkText(value, refuse));
}

/** The same, before encoding. */
export function checkText(value: unknown, refuse: Means['refuse']): string {
  const isPlain = typeof value === 'string' || typeof value === 'boolean';
  if (isPlain || Number.isFinite(value)) return String(value);
  throw refuse('a value that has no spelling as a text');
}
