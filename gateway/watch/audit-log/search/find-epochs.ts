/**
 * Finds events whose keyed ids are of other epochs than some, without parsing the others, in the
 * same pass over the bytes as texts. An event keys its ids in one moment: the first stands for
 * all. Pure.
 */
import { createFindTexts, type FindTexts, standsAt } from './find-texts.ts';

/**
 * Quotes inside texts are escaped, so this is the name of an event's subjects and nothing else. It
 * is long, so that the search may skip much, and ends before a pair of bytes that JSON is full of.
 */
const subjectsMark = '"subjects":[{"type';
const idsMark = Buffer.from('"ids":["');
const quote = 0x22;
const newline = 0x0a;

/** The epoch of a keyed id. */
export const epochOf = (id: string): string => id.slice(0, Math.max(0, id.indexOf(':')));

/** Where the next of the texts begins, or the subjects of an event of none of these epochs. */
export function createFindOtherEpochs(
  texts: readonly string[],
  epochsKnown: readonly string[],
): FindTexts {
  const find = createFindTexts([subjectsMark, ...texts]);
  const subjects = Buffer.from(subjectsMark);
  const known = epochsKnown.map((epoch) => Buffer.from(`${epoch}:`));
  return (bytes, from) => {
    for (let at = find(bytes, from); at >= 0; at = find(bytes, at + subjects.length)) {
      if (!standsAt(bytes, at, subjects)) return at;
      const start = idsAfter(bytes, at);
      // No ids stand in this event, or not all of it is here.
      if (start < 0) continue;
      if (!known.some((epoch) => standsAt(bytes, start, epoch))) return at;
    }
    return -1;
  };
}

/** Where the first id begins that the line has at or after `from`; -1 where it has none. */
function idsAfter(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length && bytes[at] !== newline; at += 1) {
    if (bytes[at] === quote && standsAt(bytes, at, idsMark)) return at + idsMark.length;
  }
  return -1;
}
