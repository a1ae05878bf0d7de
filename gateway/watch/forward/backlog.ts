/**
 * How much of the log waits to be shipped, measured on the disk and not remembered, so that it is
 * true while the collector is down. Compressed segments count with their size on the disk.
 */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cursor } from './cursor-file.ts';
import { readSeq } from './line-seq.ts';
import { listSegments, type Segment } from './segment-list.ts';

export interface Backlog {
  readonly records: number;
  readonly bytes: number;
}

const tailBytes = 256 * 1024;

export async function measureBacklog(directory: string, cursor: Cursor): Promise<Backlog> {
  const segments = await listSegments(directory);
  const waiting = segments.filter(({ firstSeq }) => firstSeq >= cursor.segment);
  let bytes = 0;
  for (const segment of waiting) {
    const size = await sizeOf(join(directory, segment.name));
    const done =
      segment.form === 'plain' && segment.firstSeq === cursor.segment ? cursor.offset : 0;
    bytes += Math.max(0, size - done);
  }
  const last = segments.at(-1);
  const lastSeq = last === undefined ? 0 : await lastSeqOf(directory, last);
  const records = Math.max(0, lastSeq - cursor.seq);
  return { records, bytes: records === 0 ? 0 : bytes };
}

/** Of the newest segment, which is plain as long as it is written; else what is known of it. */
async function lastSeqOf(directory: string, { name, firstSeq, form }: Segment): Promise<number> {
  if (form !== 'plain') return firstSeq;
  try {
    const file = await open(join(directory, name), 'r');
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - tailBytes);
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(size - from),
        0,
        size - from,
        from,
      );
      const end = buffer.subarray(0, bytesRead).lastIndexOf(10);
      if (end === -1) return firstSeq - 1;
      return readSeq(buffer.subarray(0, end)) ?? firstSeq - 1;
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return firstSeq;
    throw error;
  }
}

/** 0 for a segment that was compressed or deleted since it was listed. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
