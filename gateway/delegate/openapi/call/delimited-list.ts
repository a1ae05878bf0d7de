/**
 * Lists in one value, joined by a separator. A service that decodes before it splits would read an
 * item with the separator as two, which rules and limits have not checked.
 */

const separators = {
  comma: { splits: /,/, written: ',' },
  // Many services split at any white space.
  space: { splits: /\s/, written: '%20' },
  pipe: { splits: /\|/, written: '%7C' },
};

/** Joins the encoded items; throws the error from `refuse`. */
export function joinItems(
  items: readonly string[],
  style: keyof typeof separators,
  { encode, refuse }: { encode: (text: string) => string; refuse: (why: string) => Error },
): string {
  const { splits, written } = separators[style];
  const texts = items.map((item) => {
    if (splits.test(item)) throw refuse('an item with the separator in it');
    return encode(item);
  });
  return texts.join(written);
}
