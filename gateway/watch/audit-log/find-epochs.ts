/**
 * Finds events whose keyed ids are of other epochs than some, without parsing the others, in the
 * same pass over the bytes as texts. An event keys its ids in one moment: the first stands for
 * all. Pure.
 */
import { createFindTexts, type FindTexts } from './find-texts.ts';

/**
 * Quotes inside texts are escaped, so this is the name of an event's subjects and nothing else.
 * Without what follows it: pairs of bytes that JSON is full of would slow the search down.
 */
const subjectsMark = '"subjects';
const idsMark = Buffer.from('"ids":["');

/** The epoch of a keyed id. */
export const epochOf = (id: string): string => id.slice(0, Math.max(0, id.indexOf(':')));

/** Where the next of the texts begins, or the subjects of an event of none of these epochs. */
export function createFindOtherEpochs(
  texts: readonly string[],
  epochsKnown: readonly string[],
): FindTexts {
  const find = createFindTexts([...texts, subjectsMark]);
  const subjects = Buffer.from(subjectsMark);
  const known = epochsKnown.map((epoch) => Buffer.from(`${epoch}:`));
  return (bytes, from) => {
    for (let at = find(bytes, from); at >= 0; at = find(bytes, at + subjects.length)) {
      if (!standsAt(bytes, at, subjects)) return at;
      const ids = bytes.indexOf(idsMark, at);
      // No subjects stand here or below.
      if (ids < 0) continue;
      const start = ids + idsMark.length;
      if (!known.some((epoch) => standsAt(bytes, start, epoch))) return at;
    }
    return -1;
  };
}

function standsAt(bytes: Buffer, start: number, mark: Buffer): boolean {
  for (let at = 0; at < mark.length; at += 1) {
    if (bytes[start + at] !== mark[at]) return false;
  }
  return true;
}
