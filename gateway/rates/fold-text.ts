/**
 * Folds the texts that name buckets: trimmed, case-folded, NFKC, without invisible characters, so
 * that all spellings of one name are equal. Pure.
 *
 * Time is linear in the length. Normalisation sorts runs of combining marks in quadratic time: a
 * body full of them would block the process for seconds.
 */

/** Longer texts are no names, and share a bucket, as absent ones do. */
const lengthMax = 1_024;

/** Replaces a text that is too long; no text folds to it. */
export const tooLong = '\u0000too long';

const plain = /^[!-~]*$/;
/**
 * Includes control characters: databases ignore them in comparisons, as MySQL does in its usual
 * collation.
 */
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}]/gu;
/** Unicode's stream-safe form ends a run of marks after 30 (UAX #15, 13). */
const longRow = /[\p{M}\uff9e\uff9f]{31,}/gu;
/** Cut rather than removed: the rest must still be too long after decomposition. */
const pastLongRow = /([\p{M}\uff9e\uff9f]{31})[\p{M}\uff9e\uff9f]+/gu;

export type Fold = (text: string) => string;

/**
 * Folds each text once: one variable may be used at as many fields as a document holds, and may be
 * as long as a body. For one request.
 */
export function createFold(): Fold {
  const folded = new Map<string, string>();
  return (text) => {
    const known = folded.get(text) ?? foldText(text);
    folded.set(text, known);
    return known;
  };
}

/** The folded text. */
export function foldText(text: string): string {
  if (text.length <= lengthMax && plain.test(text)) return text.toLowerCase();
  const seen = text.replace(unseen, '').trim();
  if (seen.length > lengthMax) return tooLong;
  // Through upper case, which unites what lower case keeps apart: ß and ss, the two small sigmas.
  return withoutLongRows(seen)
    .normalize('NFKC')
    .replace(unseen, '')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .trim();
}

/** Drops runs of marks longer than any script's: equal texts may have them in any order. */
function withoutLongRows(text: string): string {
  return text.replace(pastLongRow, '$1').normalize('NFKD').replace(longRow, '');
}
