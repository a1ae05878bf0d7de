/**
 * Compresses closed segments in the background and deletes those that are old enough and shipped. A
 * plain segment is removed only once its compressed copy is complete and synced, and a segment is
 * deleted only after the log has recorded the deletion: a missing beginning without such a record
 * is an attack. Never blocks the log; failures are reported and tried again later.
 */
import { createReadStream } from 'node:fs';
import { open, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import type { AuditLogOptions } from './audit-log-options.ts';
import { listSegments, syncDirectory } from './read-segment.ts';
import { checkpointsName, linesName, type SegmentFiles, startName } from './segment-names.ts';
import { readShipped } from './shipped-cursor.ts';

type KeeperOptions = Pick<
  AuditLogOptions,
  'directory' | 'compress' | 'retentionMs' | 'retainUnshipped' | 'clock' | 'report'
> & {
  /** Resolves once the log's record of a retirement is on the disk and signed. */
  readonly record: (about: { retired: { through: number } }) => Promise<void>;
};

export class SegmentKeeper {
  readonly #options: KeeperOptions;
  #work: Promise<void> = Promise.resolve();
  #isWaiting = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Schedules a pass over the segments before the open one; at most one pass waits. */
  look(openSeq: number): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    this.#work = this.#work.then(() => this.#look(openSeq));
  }

  async idle(): Promise<void> {
    await this.#work;
  }

  async #look(openSeq: number): Promise<void> {
    this.#isWaiting = false;
    try {
      const closed = (await listSegments(this.#options.directory)).filter(
        ({ firstSeq }) => firstSeq < openSeq,
      );
      await this.#retire(closed, openSeq);
      await this.#compress(closed);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.report({ kind: 'housekeeping', reason });
    }
  }

  async #compress(closed: readonly SegmentFiles[]): Promise<void> {
    const { compress, directory } = this.#options;
    if (compress === 'none') return;
    for (const segment of closed) {
      if (segment.form === 'plain') await compressSegment(directory, segment, compress);
    }
  }

  async #retire(closed: SegmentFiles[], openSeq: number): Promise<void> {
    const { directory, retentionMs, retainUnshipped, clock, record } = this.#options;
    if (retentionMs === undefined) return;
    const shipped = retainUnshipped ? await readShipped(directory) : Number.POSITIVE_INFINITY;
    let going = 0;
    for (const [at, segment] of closed.entries()) {
      const lastSeq = (closed[at + 1]?.firstSeq ?? openSeq) - 1;
      const { mtimeMs } = await stat(join(directory, segment.lines));
      if (clock() - mtimeMs < retentionMs || lastSeq > shipped) break;
      going = at + 1;
    }
    if (going === 0) return;
    await record({ retired: { through: (closed[going]?.firstSeq ?? openSeq) - 1 } });
    for (const segment of closed.splice(0, going)) await removeSegment(directory, segment);
  }
}

/** Large, since each chunk costs three turns of the event loop and of a thread. */
const chunkSize = 1_048_576;

/**
 * The copy is complete, synced and renamed before the plain file is removed; it keeps its mtime.
 */
async function compressSegment(
  directory: string,
  { lines, firstSeq }: SegmentFiles,
  form: 'zst' | 'gz',
): Promise<void> {
  const plain = join(directory, lines);
  const target = join(directory, `${linesName(firstSeq)}.${form}`);
  const partial = `${target}.partial`;
  try {
    await writePacked(plain, partial, form);
    await rename(partial, target);
  } catch (error) {
    // On a full disk a partial copy must not take the room that the log itself needs.
    await unlink(partial).catch(() => undefined);
    throw error;
  }
  await syncDirectory(directory);
  await unlink(plain);
}

async function writePacked(plain: string, partial: string, form: 'zst' | 'gz'): Promise<void> {
  const { atime, mtime } = await stat(plain);
  const pack =
    form === 'zst'
      ? createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_compressionLevel]: 1 } })
      : createGzip({ chunkSize, level: 6 });
  await using handle = await open(partial, 'w', 0o600);
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) =>
      void handle.writeFile(chunk).then(() => done(), done),
  });
  await pipeline(createReadStream(plain, { highWaterMark: chunkSize }), pack, sink);
  await handle.utimes(atime, mtime);
  await handle.sync();
}

/** Removes the lines last, so that an interrupted removal is found and continued. */
async function removeSegment(directory: string, { lines, firstSeq }: SegmentFiles): Promise<void> {
  for (const name of [checkpointsName(firstSeq), startName(firstSeq), lines]) {
    try {
      await unlink(join(directory, name));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    }
  }
  await syncDirectory(directory);
}
