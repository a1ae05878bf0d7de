/**
 * Finds events whose keyed ids are of other epochs than the known ones, without parsing the rest,
 * in the same pass over the bytes as texts. All ids of an event have the same epoch, so the first
 * one decides. Pure.
 */
import { createFindTexts, type FindTexts, standsAt } from './find-texts.ts';

/**
 * Quotes within texts are escaped, so this matches only the member name. It is long, so that the
 * search can skip far, and does not end with a pair of bytes that is frequent in JSON.
 */
const subjectsMark = '"subjects":[{"type';
const idsMark = Buffer.from('"ids":["');
const quote = 0x22;
const newline = 0x0a;

/** The epoch of a keyed id. */
export const epochOf = (id: string): string => id.slice(0, Math.max(0, id.indexOf(':')));

/** Finds the next of the texts, or the next event with subjects of none of these epochs. */
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
      // This event has no ids, or they are not all in this block.
      if (start < 0) continue;
      if (!known.some((epoch) => standsAt(bytes, start, epoch))) return at;
    }
    return -1;
  };
}

/** Where the line's first id at or after `from` begins; -1 if it has none. */
function idsAfter(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length && bytes[at] !== newline; at += 1) {
    if (bytes[at] === quote && standsAt(bytes, at, idsMark)) return at + idsMark.length;
  }
  return -1;
}
