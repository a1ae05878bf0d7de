/**
 * Whether a text was asked about before, not too long ago. What stands in front of a cache with it
 * keeps nothing that comes once: who sends what nobody sends twice pushes out nothing that others
 * rely on, and leaves nothing behind in the part of the heap that is collected last.
 *
 * A table of fixed size, of hashes that nobody outside can foresee: a text is forgotten when another
 * falls on its place. Two texts in 2^32 are taken for each other, and one is kept that came once.
 */
import { createHash, randomBytes } from 'node:crypto';

/** 256 KiB. A text is forgotten after about as many others. */
const places = 65_536;

/** Says no the first time, yes the second. */
export function createSeenBefore(): (text: string) => boolean {
  const salt = randomBytes(16);
  const prints = new Uint32Array(places);
  return (text) => {
    const digest = createHash('sha256').update(salt).update(text).digest();
    const place = digest.readUInt16LE(0);
    // Zero is a place where nothing was.
    const print = digest.readUInt32LE(2) || 1;
    if (prints[place] === print) return true;
    prints[place] = print;
    return false;
  };
}
