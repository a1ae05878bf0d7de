/**
 * Texts from outside for a terminal or a job's log: names in logs, what stands in the documents of
 * upstreams. There they must neither move the cursor nor begin lines of their own, which would pass
 * for ours.
 */

/** One line of what can be seen; a question mark stands for every other sign. */
export const printable = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');

/** At most so many UTF-16 code units; an ellipsis at the end says that it went on. */
export function clipped(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  // No half of a sign before it.
  return `${text.slice(0, lengthMax - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
