/**
 * Texts as buckets are named by: trimmed, case-folded, NFKC, without what nobody sees, so that the
 * spellings of one thing meet. Pure.
 *
 * Time grows with the length alone. Normalising sorts marks that follow one another, in time that
 * grows with the square of their number: a body's worth of them would hold the process for seconds.
 */

/** Longer texts are nobody's name, and share a bucket, as absent ones do. */
const lengthMax = 1_024;

/** What stands for a text that is too long; no text folds to it. */
export const tooLong = '\u0000too long';

const plain = /^[!-~]*$/;
/** Controls too: databases compare them as nothing, MySQL by its usual collation. */
const unseen = /[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}]/gu;
/** Unicode's stream-safe form ends a row of marks after 30 (UAX #15, 13). */
const longRow = /[\p{M}\uff9e\uff9f]{31,}/gu;
/** Cut, and not taken out: what is left must still be too long once it is decomposed. */
const pastLongRow = /([\p{M}\uff9e\uff9f]{31})[\p{M}\uff9e\uff9f]+/gu;

/** The text in its one spelling. */
export function foldText(text: string): string {
  if (text.length <= lengthMax && plain.test(text)) return text.toLowerCase();
  const seen = text.replace(unseen, '').trim();
  if (seen.length > lengthMax) return tooLong;
  // Through upper case, which joins what lower case keeps apart: ß and ss, the two small sigmas.
  return withoutLongRows(seen)
    .normalize('NFKC')
    .replace(unseen, '')
    .toLowerCase()
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .trim();
}

/** Rows of marks that no script has are dropped whole: in any other order they are the same text. */
function withoutLongRows(text: string): string {
  return text.replace(pastLongRow, '$1').normalize('NFKD').replace(longRow, '');
}
