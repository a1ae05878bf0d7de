/**
 * The start of a segment: all records before it as a compact range, the hash of the line before,
 * and the signed checkpoint of exactly these records. With it a segment can be continued and
 * verified after earlier ones were deleted. The range must fold to the signed root.
 */
import type { KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CompactRange } from './merkle.ts';
import { startName } from './segment-names.ts';
import { isSigned, type Note, readNotes, toOrigin } from './signed-note.ts';

export interface SegmentStart {
  readonly chain: string;
  readonly range: CompactRange;
  /** Hash of the line before the segment; empty at the beginning of the log. */
  readonly prev: string;
  /** Absent at the beginning of the log. */
  readonly note: Note | undefined;
}

const schema = z.strictObject({
  chain: z.string().regex(/^[\w-]{1,64}$/),
  size: z.int().min(0),
  prev: z.string().regex(/^(?:[\w-]{43})?$/),
  range: z.array(z.string().regex(/^[A-Za-z0-9+/]{43}=$/)).max(64),
  note: z.string().max(4_096),
});

export async function writeStart(directory: string, start: SegmentStart): Promise<void> {
  const { chain, range, prev, note } = start;
  const file = join(directory, startName(range.size + 1));
  const hashes = range.hashes.map((one) => one.toString('base64'));
  const written = { chain, size: range.size, prev, range: hashes, note: note?.text ?? '' };
  await writeFile(file, `${JSON.stringify(written)}\n`, { mode: 0o600, flush: true });
}

function parseStart(file: string, text: string): z.infer<typeof schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${file}: not what a segment stands on`, { cause: error });
  }
}

/** Throws Error, with the file, if it is missing or malformed. */
export async function readStart(directory: string, firstSeq: number): Promise<SegmentStart> {
  const file = join(directory, startName(firstSeq));
  const { chain, size, prev, range, note } = parseStart(file, await readFile(file, 'utf8'));
  if (size !== firstSeq - 1) throw new Error(`${file}: the start is of another segment`);
  const hashes = range.map((one) => Buffer.from(one, 'base64'));
  return { chain, prev, range: new CompactRange(size, hashes), note: readNotes(note).notes[0] };
}

/** Whether the start is signed and intact; the beginning of a log needs no signature. */
export function isGenuine(start: SegmentStart, keys: readonly KeyObject[]): boolean {
  const { note, range, chain } = start;
  if (range.size === 0) return true;
  if (note === undefined || note.origin !== toOrigin(chain) || note.size !== range.size)
    return false;
  return note.root.equals(range.root()) && isSigned(note, keys);
}
