/**
 * Reads one segment from an offset on, whatever its form. A plain segment is read through a handle
 * that outlives the file's removal, so it may be compressed meanwhile. A compressed one is streamed
 * through the thread pool, never held whole in memory.
 */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { SegmentFiles } from '../audit-log/segment-names.ts';

export interface SegmentSource {
  /**
   * Up to that many bytes from the offset on, valid until the next read; empty at the current end.
   * `shrunk`: the segment is now shorter than the offset.
   */
  read(offset: number, bytes: number): Promise<Buffer | 'shrunk'>;
  close(): Promise<void>;
}

/** Undefined if the file is gone: it has been compressed or deleted since it was listed. */
export async function openSegment(
  directory: string,
  segment: SegmentFiles,
): Promise<SegmentSource | undefined> {
  let file: FileHandle;
  try {
    file = await open(join(directory, segment.lines), 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  if (segment.form === 'plain') return plainSource(file);
  await file.close();
  return packedSource(join(directory, segment.lines), segment.form);
}

function plainSource(file: FileHandle): SegmentSource {
  // Reused between reads: half a megabyte per batch would keep the garbage collector busy.
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

/** Reads forwards; bytes before the first offset are decompressed and dropped. */
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
