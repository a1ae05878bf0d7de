/**
 * How far a page has read, of each process: `1f2e3d4c.120_aa00bb11.7`. A process looks for its own
 * part; one that is not named has not been read.
 */
const form = /^(?:[0-9a-f]{8}\.\d{1,15}(?:_[0-9a-f]{8}\.\d{1,15}){0,255})?$/;

/** Whether a text is one. */
export const isCursor = (text: string): boolean => text.length <= 8_000 && form.test(text);

/** The number of the last decision that was read of a process; 0: none. */
export function placeIn(cursor: string, epoch: string): number {
  for (const part of cursor.split('_')) {
    if (part.startsWith(`${epoch}.`)) return Number(part.slice(epoch.length + 1));
  }
  return 0;
}
