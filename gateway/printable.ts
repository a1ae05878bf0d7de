/**
 * Texts from outside for a terminal or a job's log: names in logs, what stands in the documents of
 * upstreams. There they must neither move the cursor nor begin lines of their own, which would pass
 * for ours.
 */

/** One line of what can be seen; a question mark stands for every other sign. */
export const printable = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
