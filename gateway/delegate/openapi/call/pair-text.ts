/**
 * Names and texts of what is sent as `name=text`, in a query and in a form. What services read as
 * another name, or has no spelling, is refused. Pure; fails closed.
 */

export interface Means {
  readonly encode: (text: string) => string;
  readonly refuse: (why: string) => Error;
}

/**
 * The encoded `name[key]`. `card[x][number]` of a key `x][number`, and what services that are lenient
 * read as `card[number]` of `number]`, ` number` or `'number'`, would write a field that rules of its
 * own are about; `card[]` an item.
 */
export function toKeyed(name: string, key: string, { encode, refuse }: Means): string {
  if (/^[^'"[\]\p{Cc}][^[\]\p{Cc}]*$/u.test(key) && key.trim() === key)
    return `${name}%5B${encode(key)}%5D`;
  throw refuse('a name that cannot stand in brackets');
}

/** The encoded text of what is single; numbers as JSON has them. */
export function toText(value: unknown, { encode, refuse }: Means): string {
  return encode(checkText(value, refuse));
}

/** The same before it is encoded. */
export function checkText(value: unknown, refuse: Means['refuse']): string {
  const isPlain = typeof value === 'string' || typeof value === 'boolean';
  if (isPlain || Number.isFinite(value)) return String(value);
  throw refuse('a value that has no spelling as a text');
}
