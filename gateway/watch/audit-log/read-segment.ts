/**
 * Reads the lines of a segment, plain or compressed, in blocks of whole lines. Bounded: one block
 * at a time, and a line longer than any that the log writes ends the reading.
 */
import { createReadStream } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { type SegmentFiles, toSegments } from './segment-names.ts';

export interface Block {
  /** Whole lines with their newlines; the last block of a torn segment ends without one. */
  readonly bytes: Buffer;
  /** Of the block in the uncompressed segment. */
  readonly offset: number;
}

const chunkBytes = 1_048_576;
const lineBytesMax = 16 * chunkBytes;

/** Segments of a directory, oldest first. */
export async function listSegments(directory: string): Promise<SegmentFiles[]> {
  return toSegments(await readdir(directory));
}

/** The blocks of a segment from a byte of its plain text on; throws what reading throws. */
export async function* readBlocks(
  directory: string,
  { lines, form }: SegmentFiles,
  from = 0,
): AsyncGenerator<Block> {
  let carry: Buffer = Buffer.alloc(0);
  let offset = form === 'plain' ? from : 0;
  for await (const chunk of openBytes(join(directory, lines), form, offset)) {
    const bytes = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
    const end = bytes.lastIndexOf(10) + 1;
    carry = bytes.subarray(end);
    if (carry.length > lineBytesMax) throw new Error(`${lines} has a line without an end`);
    if (end === 0) continue;
    yield { bytes: bytes.subarray(0, end), offset };
    offset += end;
  }
  if (carry.length > 0) yield { bytes: carry, offset };
}

function openBytes(path: string, form: SegmentFiles['form'], start: number): AsyncIterable<Buffer> {
  const file = createReadStream(path, { highWaterMark: chunkBytes, start });
  if (form === 'plain') return file;
  const unpack =
    form === 'zst'
      ? createZstdDecompress({ chunkSize: chunkBytes })
      : createGunzip({ chunkSize: chunkBytes });
  // Errors of either end come out of the last stream, which whoever reads it awaits.
  return pipeline(file, unpack, () => undefined);
}

/** The first line of a segment, undefined where it has none yet. */
export async function readFirstLine(
  directory: string,
  segment: SegmentFiles,
): Promise<Buffer | undefined> {
  for await (const { bytes } of readBlocks(directory, segment)) {
    const end = bytes.indexOf(10);
    return end < 0 ? undefined : bytes.subarray(0, end);
  }
  return undefined;
}

/** Whole lines of a block with their place; stops where `visit` returns false, and says so. */
export function eachLine(
  { bytes, offset }: Block,
  visit: (line: Buffer, offset: number) => boolean,
): boolean {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(10, start);
    if (end < 0) return true;
    if (!visit(bytes.subarray(start, end), offset + start)) return false;
    start = end + 1;
  }
  return true;
}

/** Makes new, renamed and removed names of a directory last; a system that cannot says so by doing nothing. */
export async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, 'r');
  await handle.sync();
}
