/**
 * How far a page has read in each process: `1f2e3d4c.120_aa00bb11.7`, epochs with the number of the
 * last decision. A process that is not named has not been read.
 */
const form = /^(?:[0-9a-f]{8}\.\d{1,15}(?:_[0-9a-f]{8}\.\d{1,15}){0,255})?$/;

/** Whether the text is a cursor. */
export const isCursor = (text: string): boolean => text.length <= 8_000 && form.test(text);

/** The number of the last decision that was read of a process; 0 if none. */
export function placeIn(cursor: string, epoch: string): number {
  for (const part of cursor.split('_')) {
    if (part.startsWith(`${epoch}.`)) return Number(part.slice(epoch.length + 1));
  }
  return 0;
}
