/**
 * Makes untrusted text (names in logs, documents of upstreams) safe for terminals and job logs,
 * where it must neither move the cursor nor start new lines, which could imitate the gateway's own.
 */

/** Replaces every control, format and line-breaking character with a question mark. */
export const printable = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');

/** Cuts a text to at most `lengthMax` UTF-16 code units, with an ellipsis at the cut. */
export function clipped(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  // Drops a high surrogate that the cut left alone.
  return `${text.slice(0, lengthMax - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
