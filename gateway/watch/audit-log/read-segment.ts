/**
 * Reads the lines of a segment, plain or compressed, in blocks of whole lines. Bounded: one block
 * at a time, and a line longer than the log can write ends the reading with an error.
 */
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { isAbsent } from '../../files/system-error.ts';
import { type SegmentFiles, toSegments } from './segment-names.ts';
import { timeOf } from './time-of.ts';

export interface Block {
  /** Whole lines with their newlines; the last block of a torn segment ends without one. */
  readonly bytes: Buffer;
  /** Offset of the block in the uncompressed segment. */
  readonly offset: number;
}

const chunkBytes = 1_048_576;
/** Small enough to stay in the processor's cache while it is searched. */
const unpackedBytes = 1_048_576;
const lineBytesMax = 16 * chunkBytes;

/** The segments of a directory, oldest first. */
export async function listSegments(directory: string): Promise<SegmentFiles[]> {
  return toSegments(await readdir(directory));
}

/** A segment was opened, but its bytes are malformed. */
export class SegmentUnreadable extends Error {
  override readonly name = 'SegmentUnreadable';
  /** The reason without the file's name. */
  readonly why: string;

  constructor(file: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const why = `the segment cannot be read to its end: ${reason}`;
    super(`${file}: ${why}`, { cause });
    this.why = why;
  }
}

/** What stands there is longer than any line that the log writes. */
export class EndlessLine extends Error {
  override readonly name = 'EndlessLine';
  override readonly message = 'a line without an end';
}

/** The blocks of a segment; throws SegmentUnreadable, or system errors from opening it. */
export async function* readBlocks(directory: string, segment: SegmentFiles): AsyncGenerator<Block> {
  const { handle, lines, form } = await openSegment(directory, segment);
  await using file = handle;
  try {
    yield* splitBlocks(openBytes(file, form));
  } catch (error) {
    throw new SegmentUnreadable(join(directory, lines), error);
  }
}

async function* splitBlocks(chunks: AsyncIterable<Buffer>): AsyncGenerator<Block> {
  let carry: Buffer = Buffer.alloc(0);
  let offset = 0;
  for await (const chunk of chunks) {
    const [first, rest] = splitChunk(carry, chunk);
    carry = rest.carry;
    if (carry.length > lineBytesMax) throw new EndlessLine();
    for (const bytes of [first, rest.whole]) {
      if (bytes.length === 0) continue;
      yield { bytes, offset };
      offset += bytes.length;
    }
  }
  if (carry.length > 0) yield { bytes: carry, offset };
}

/**
 * Splits off the line that ends in this chunk, the whole lines after it, and the rest. Only a line
 * that two chunks share is copied.
 */
function splitChunk(carry: Buffer, chunk: Buffer): [Buffer, { whole: Buffer; carry: Buffer }] {
  const end = chunk.lastIndexOf(10) + 1;
  if (end === 0) return [empty, { whole: empty, carry: Buffer.concat([carry, chunk]) }];
  const from = carry.length === 0 ? 0 : chunk.indexOf(10) + 1;
  const first = from === 0 ? empty : Buffer.concat([carry, chunk.subarray(0, from)]);
  return [first, { whole: chunk.subarray(from, end), carry: chunk.subarray(end) }];
}

const empty = Buffer.alloc(0);

/** Opens a segment, which may have been compressed since it was listed. */
async function openSegment(
  directory: string,
  segment: SegmentFiles,
): Promise<SegmentFiles & { handle: FileHandle }> {
  try {
    return { ...segment, handle: await open(join(directory, segment.lines), 'r') };
  } catch (error) {
    const now = (await listSegments(directory)).find(
      ({ firstSeq, lines }) => firstSeq === segment.firstSeq && lines !== segment.lines,
    );
    if (now === undefined) throw error;
    return { ...now, handle: await open(join(directory, now.lines), 'r') };
  }
}

function openBytes(handle: FileHandle, form: SegmentFiles['form']): AsyncIterable<Buffer> {
  const file = handle.createReadStream({ highWaterMark: chunkBytes, autoClose: false, start: 0 });
  if (form === 'plain') return file;
  const unpack =
    form === 'zst'
      ? createZstdDecompress({ chunkSize: unpackedBytes })
      : createGunzip({ chunkSize: unpackedBytes });
  // Errors of both streams surface in the last one, which the reader awaits.
  return pipeline(file, unpack, () => undefined);
}

/** The first line of a segment; undefined if it has none yet. */
async function readFirstLine(
  directory: string,
  segment: SegmentFiles,
): Promise<Buffer | undefined> {
  for await (const { bytes } of readBlocks(directory, segment)) {
    const end = bytes.indexOf(10);
    return end < 0 ? undefined : bytes.subarray(0, end);
  }
  return undefined;
}

/** Longest time between the beginning of a request and the writing of its event. */
const lateMs = 3_600_000;

/**
 * Segments that may contain events of a time or later. If the clock was set back, later segments
 * may contain earlier times, so one that begins before the time says nothing about those before it.
 */
export async function segmentsSince(
  directory: string,
  sinceMs: number | undefined,
): Promise<SegmentFiles[]> {
  const segments = await listSegments(directory);
  if (sinceMs === undefined) return segments;
  for (let at = segments.length - 1; at > 0; at -= 1) {
    const segment = segments[at];
    if (segment === undefined || !(await beginsBefore(directory, segment, sinceMs))) continue;
    const before = segments.slice(0, at);
    return segments.slice(await countEnded(directory, before, sinceMs));
  }
  return segments;
}

async function beginsBefore(
  directory: string,
  segment: SegmentFiles,
  sinceMs: number,
): Promise<boolean> {
  const line = await readFirstLine(directory, segment);
  const timeMs = line && timeOf(line);
  return timeMs !== undefined && timeMs < sinceMs - lateMs;
}

/** The time of the last write; a segment compressed since it was listed counts as just written. */
async function writtenAt(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    if (isAbsent(error)) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

/**
 * How many of the first segments ended before a time, by their last writes. A segment last written
 * before its predecessor cannot be judged by that, so its first line is read.
 */
async function countEnded(
  directory: string,
  segments: readonly SegmentFiles[],
  sinceMs: number,
): Promise<number> {
  let lastMs = Number.POSITIVE_INFINITY;
  for (const [at, segment] of segments.entries()) {
    const mtimeMs = await writtenAt(join(directory, segment.lines));
    const isMeasure = mtimeMs >= lastMs;
    lastMs = mtimeMs;
    if (mtimeMs >= sinceMs) return at;
    if (!isMeasure && !(await beginsBefore(directory, segment, sinceMs))) return at;
  }
  return segments.length;
}

/**
 * Visits the whole lines of a block with their offsets; false if `visit` returned false and ended
 * it.
 */
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

/** Makes new, renamed and removed names of a directory durable. */
export async function syncDirectory(directory: string): Promise<void> {
  await using handle = await open(directory, 'r');
  await handle.sync();
}
