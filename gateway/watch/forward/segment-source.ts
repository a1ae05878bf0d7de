/**
 * Bytes of one segment from an offset on, whichever form it has. A plain one is read through a
 * handle that outlives its removal, so a segment may be compressed while it is read. A compressed
 * one streams through the thread pool, never whole in memory.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { Segment } from './segment-list.ts';

export interface SegmentSource {
  /**
   * Up to so many bytes from the offset on, good until the next read; empty at the end for now.
   * `shrunk`: the segment has become shorter than the offset.
   */
  read(offset: number, bytes: number): Promise<Buffer | 'shrunk'>;
  close(): Promise<void>;
}

/** Undefined where the file is gone: it has been compressed or deleted since it was listed. */
export async function openSegment(
  directory: string,
  segment: Segment,
): Promise<SegmentSource | undefined> {
  let file: FileHandle;
  try {
    file = await open(join(directory, segment.name), 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (segment.form === 'plain') return plainSource(file);
  await file.close();
  return packedSource(join(directory, segment.name), segment.form);
}

function plainSource(file: FileHandle): SegmentSource {
  // Kept from read to read: half a megabyte a batch would keep the garbage collector busy.
  let buffer = Buffer.alloc(0);
  return {
    read: async (offset, bytes) => {
      const { size } = await file.stat();
      if (size < offset) return 'shrunk';
      const wanted = Math.min(bytes, size - offset);
      if (wanted === 0) return Buffer.alloc(0);
      if (buffer.length < wanted) buffer = Buffer.allocUnsafeSlow(Math.min(bytes, wanted * 2));
      const { bytesRead } = await file.read(buffer, 0, wanted, offset);
      return buffer.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}

/** Reads forwards; what lies before the first offset is decompressed and dropped. */
function packedSource(path: string, form: 'zst' | 'gz'): SegmentSource {
  const raw = createReadStream(path);
  const unpack = form === 'zst' ? createZstdDecompress() : createGunzip();
  raw.once('error', (error) => unpack.destroy(error));
  const chunks: AsyncIterator<Buffer> = raw.pipe(unpack)[Symbol.asyncIterator]();
  let held = Buffer.alloc(0);
  let heldAt = 0;
  let ended = false;
  return {
    read: async (offset, bytes) => {
      while (!ended && heldAt + held.length < offset + bytes) {
        const { done, value } = await chunks.next();
        if (done === true) {
          ended = true;
          break;
        }
        const drop = Math.max(0, Math.min(held.length, offset - heldAt));
        held = Buffer.concat([held.subarray(drop), value]);
        heldAt += drop;
      }
      if (heldAt + held.length < offset) return 'shrunk';
      return held.subarray(offset - heldAt, offset - heldAt + bytes);
    },
    close: async () => {
      raw.destroy();
      unpack.destroy();
    },
  };
}
