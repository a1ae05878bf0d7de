/**
 * A file that only grows, written at our own offsets. After a failed write it is cut back to the
 * last good byte and the same bytes are written again, so nothing is written twice and no partial
 * line stays. After a failed sync the system may mark pages as clean that were never written, so
 * everything since the last good sync is written again first.
 *
 * All I/O runs in the thread pool: while a file system is frozen for a snapshot, or its server is
 * gone, a single synchronous write would block the event loop.
 */
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { isAbsent } from '../../files/system-error.ts';

/** Bytes compared to tell whether a file is still the one that was written. */
const sampleBytes = 128;

export class AppendFile {
  readonly #handle: FileHandle;
  readonly #path: string;
  #bytes: number;
  #syncedBytes: number;
  #isSuspect = false;
  /** The last sync; never rejects. */
  #syncing: Promise<void> = Promise.resolve();
  /** The first bytes written. */
  #head: Buffer;
  /** The last bytes at the previous call of `isInPlace`. */
  #seen: { readonly tail: Buffer; readonly endsAt: number } = { tail: Buffer.alloc(0), endsAt: 0 };

  private constructor(handle: FileHandle, path: string, head: Buffer, bytes: number) {
    this.#handle = handle;
    this.#path = path;
    this.#head = head;
    this.#bytes = bytes;
    this.#syncedBytes = bytes;
  }

  /** Opens or creates a file, readable by its owner only, and truncates it to `bytes`. */
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

  /** Length of the file, without partial writes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Appends all of the buffer or nothing; rejects with system errors and may be called again. */
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

  /**
   * Resolves once everything appended before is on the disk. One at a time: the system reports a
   * failed write to one sync only, and another that runs beside it would take the file for safe.
   */
  async sync(): Promise<void> {
    const syncing = this.#syncing.then(() => this.#syncNow());
    this.#syncing = syncing.catch(() => undefined);
    await syncing;
  }

  async #syncNow(): Promise<void> {
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
    this.#syncedBytes = until;
  }

  /**
   * Whether the file of this name still has the bytes seen at the previous call. A file that was
   * removed or replaced accepts writes that no reader will find, and one that was cut short gets a
   * hole at the next write.
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

  /** Only for readers: the next append would overwrite a partial line anyway. */
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

/** Up to `length` bytes; fewer if the file ends before. */
async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}
