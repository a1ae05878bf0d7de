/**
 * A file that only grows, written at offsets of our own: after an error the file is cut back to
 * the last good byte and the same bytes are written again, so nothing is there twice and no half
 * line stays. After a failed sync the system may have forgotten which pages were not written
 * (they count as clean), so everything since the last good sync is written again first.
 *
 * Whatever may wait for the disk is a thread's, writes too: where a file system is frozen for a
 * snapshot, or its server is gone, one write in the turn of the event loop would hold up everything.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isAbsent } from '../../files/system-error.ts';

/** What is compared to tell whether a file is still the one that was written. */
const sampleBytes = 128;

export class AppendFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  #bytes: number;
  #syncedBytes: number;
  #isSuspect = false;
  /** What was written first. */
  #head: Buffer;
  /** What was last there when isInPlace was asked before. */
  #seen: { readonly tail: Buffer; readonly endsAt: number } = { tail: Buffer.alloc(0), endsAt: 0 };

  private constructor(handle: FileHandle, path: string, head: Buffer, bytes: number) {
    this.#handle = handle;
    this.#path = path;
    this.#head = head;
    this.#bytes = bytes;
    this.#syncedBytes = bytes;
  }

  /** Opens or creates a file and cuts it to `bytes`; owner only. */
  static async open(path: string, bytes: number): Promise<AppendFile> {
    const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      await handle.truncate(bytes);
      const head = await readAt(handle, 0, Math.min(sampleBytes, bytes));
      return new AppendFile(handle, path, head, bytes);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Bytes that are whole. */
  get bytes(): number {
    return this.#bytes;
  }

  /** All of it or nothing; throws what the system throws, and may be called again. */
  async append(buffer: Uint8Array): Promise<void> {
    if (this.#isSuspect) await this.sync();
    try {
      await this.#write(buffer, this.#bytes);
    } catch (error) {
      await this.#cut();
      throw error;
    }
    if (this.#bytes === 0) this.#head = Buffer.from(buffer.subarray(0, sampleBytes));
    this.#bytes += buffer.length;
  }

  /** Resolves when what was appended before is on the disk. */
  async sync(): Promise<void> {
    const until = this.#bytes;
    if (until === this.#syncedBytes && !this.#isSuspect) return;
    try {
      if (this.#isSuspect) await this.#writeAgain(until);
      await this.#handle.datasync();
    } catch (error) {
      this.#isSuspect = true;
      throw error;
    }
    this.#isSuspect = false;
    this.#syncedBytes = Math.max(this.#syncedBytes, until);
  }

  /**
   * Whether a file of this name has what was there when this was asked before: one that was removed,
   * replaced or cut short goes on taking what is written, for nobody to read. Of one that was cut
   * short, what is written next makes a hole where the rest was.
   */
  async isInPlace(): Promise<boolean> {
    const { tail, endsAt } = this.#seen;
    try {
      await using file = await open(this.#path, 'r');
      if (!(await readAt(file, 0, this.#head.length)).equals(this.#head)) return false;
      if (!(await readAt(file, endsAt - tail.length, tail.length)).equals(tail)) return false;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
    const bytes = this.#bytes;
    const length = Math.min(sampleBytes, bytes);
    this.#seen = { tail: await readAt(this.#handle, bytes - length, length), endsAt: bytes };
    return this.#seen.tail.length === length;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #write(buffer: Uint8Array, position: number): Promise<void> {
    for (let done = 0; done < buffer.length; ) {
      const length = buffer.length - done;
      const { bytesWritten } = await this.#handle.write(buffer, done, length, position + done);
      if (bytesWritten === 0) throw new Error('nothing was written');
      done += bytesWritten;
    }
  }

  /** Only for readers: the next append writes over what is left of a half line. */
  async #cut(): Promise<void> {
    try {
      await this.#handle.truncate(this.#bytes);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }

  async #writeAgain(until: number): Promise<void> {
    const buffer = Buffer.allocUnsafe(Math.min(1_048_576, until - this.#syncedBytes));
    for (let at = this.#syncedBytes; at < until; ) {
      const { bytesRead } = await this.#handle.read(
        buffer,
        0,
        Math.min(buffer.length, until - at),
        at,
      );
      if (bytesRead === 0) throw new Error('what was written cannot be read back');
      await this.#write(buffer.subarray(0, bytesRead), at);
      at += bytesRead;
    }
  }
}

/** Fewer bytes where the file ends before. */
async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
