/**
 * Lists in one value, behind a separator. An item with the separator in it would be two to a service
 * that decodes before it splits: what rules and limits were asked about is not what it would read.
 */

const separators = {
  comma: { splits: /,/, written: ',' },
  // Many split at whatever is blank.
  space: { splits: /\s/, written: '%20' },
  pipe: { splits: /\|/, written: '%7C' },
};

/** The encoded items as one text; throws what `refuse` makes. */
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
