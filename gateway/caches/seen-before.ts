/**
 * Whether a text was asked about before, not too long ago. In front of a cache it admits only what
 * is repeated: a flood of texts that are each sent once can neither evict the entries of others nor
 * fill the old generation of the heap.
 *
 * A table of fixed size with salted hashes, so that callers cannot choose collisions: a text is
 * forgotten when another falls into its slot. Two texts in 2^32 are confused, and one that came
 * once is cached.
 */
import { createHash, randomBytes } from 'node:crypto';

/** 256 KiB. A text is forgotten after about as many others. */
const slots = 65_536;

/** Returns false for the first call with a text, true for the second. */
export function createSeenBefore(): (text: string) => boolean {
  const salt = randomBytes(16);
  const prints = new Uint32Array(slots);
  return (text) => {
    const digest = createHash('sha256').update(salt).update(text).digest();
    const slot = digest.readUInt16LE(0);
    // Zero marks an empty slot.
    const print = digest.readUInt32LE(2) || 1;
    if (prints[slot] === print) return true;
    prints[slot] = print;
    return false;
  };
}
