/**
 * The files of an open log: the open segment, its checkpoints, and the Merkle tree over the whole
 * log. One operation at a time, each all or nothing: one that throws may be called again.
 */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { AppendFile } from './append-file.ts';
import type { AuditLogOptions } from './audit-log-options.ts';
import type { CommitGroup } from './commit-group.ts';
import type { CompactRange } from './merkle.ts';
import { syncDirectory } from './read-segment.ts';
import { type Recovered, recover } from './recover.ts';
import { checkpointsName, linesName } from './segment-names.ts';
import { writeStart } from './segment-start.ts';
import { type Note, readNotes, signCheckpoint, toOrigin } from './signed-note.ts';
import { keepPublicKey, publicKeysName, readIfThere, toPublicKeys } from './signing-key.ts';

interface Segment {
  readonly firstSeq: number;
  readonly lines: AppendFile;
  readonly checkpoints: AppendFile;
  readonly openedAtMs: number;
}

export class LogWriter {
  readonly #options: AuditLogOptions;
  readonly #chain: string;
  readonly #range: CompactRange;
  #prev: string;
  #segment: Segment;
  /**
   * Whether the segment's last record is signed and the next segment is due. Files of the next one
   * may exist, so nothing more may be written into this one.
   */
  #isEnded = false;
  #note: Note | undefined;
  #checkpointAtMs: number;
  #fresh: string | undefined;
  /** Seq of the log's own record of the last checkpoint, which alone is no reason for another. */
  ownSeq = 0;

  private constructor(options: AuditLogOptions, at: Recovered, segment: Segment) {
    this.#options = options;
    this.#chain = at.chain;
    this.#range = at.range;
    this.#prev = at.prev;
    this.#note = at.lastNote;
    this.#segment = segment;
    this.#checkpointAtMs = options.clock();
  }

  static async open(
    options: AuditLogOptions,
  ): Promise<{ writer: LogWriter } & Pick<Recovered, 'torn' | 'orphan'>> {
    const { directory, signingKey, clock } = options;
    const keys = [createPublicKey(signingKey), ...(await readKeptKeys(directory))];
    const at = await recover(directory, { keys, nowMs: clock() });
    await keepPublicKey(directory, signingKey);
    const segment =
      at.segment === undefined
        ? await beginSegment(options, at)
        : await openSegment(options, at.segment, at.checkpointsBytes);
    return { writer: new LogWriter(options, at, segment), torn: at.torn, orphan: at.orphan };
  }

  /** Number of records written. */
  get size(): number {
    return this.#range.size;
  }

  /** First seq of the open segment. */
  get firstSeq(): number {
    return this.#segment.firstSeq;
  }

  /** Number of records that the last checkpoint covers. */
  get checkpointSize(): number {
    return this.#note?.size ?? 0;
  }

  /** Whether any record but that of the last checkpoint is unsigned. */
  get hasUnsigned(): boolean {
    const unsigned = this.size - this.checkpointSize;
    return unsigned > 1 || (unsigned === 1 && this.ownSeq !== this.size);
  }

  get shouldCheckpoint(): boolean {
    return this.hasUnsigned && this.size - this.checkpointSize >= this.#options.checkpointRecords;
  }

  get isCheckpointLate(): boolean {
    const { clock, checkpointMs } = this.#options;
    return this.hasUnsigned && isOver(clock() - this.#checkpointAtMs, checkpointMs);
  }

  /** Whether the group would exceed the segment's size, or the segment is too old. */
  shouldRotate(group: CommitGroup | undefined): boolean {
    if (this.#isEnded) return true;
    const { lines, openedAtMs } = this.#segment;
    // A group that is in the file, though perhaps not on the disk yet, belongs to its segment.
    if (lines.bytes === 0 || group?.isDown === true) return false;
    if (lines.bytes + (group?.bytes ?? 0) > this.#options.rotateBytes) return true;
    const { clock, rotateMs } = this.#options;
    return this.hasUnsigned && isOver(clock() - openedAtMs, rotateMs);
  }

  /** Writes a group; with `strict` it is on the disk afterwards. */
  async write(group: CommitGroup): Promise<void> {
    if (this.#isEnded) await this.rotate();
    const before = { id: this.#chain, seq: this.size + 1, prev: this.#prev };
    const encoded = group.encode(before);
    const { lines } = this.#segment;
    // After a failed sync, lines that are in the file must not be appended again.
    if (!group.isDown) await lines.append(encoded.bytes);
    group.isDown = true;
    if (this.#options.durability === 'strict') await lines.sync();
    for (const leaf of encoded.leaves) this.#range.append(leaf);
    this.#prev = encoded.prev;
  }

  /** Whether the open segment's files still have their names and all that was written. */
  async isInPlace(): Promise<boolean> {
    const segment = this.#segment;
    // Closed meanwhile, so its files may be compressed already; the new ones are checked next time.
    const isOld = () => segment !== this.#segment;
    try {
      const { lines, checkpoints } = segment;
      return ((await lines.isInPlace()) && (await checkpoints.isInPlace())) || isOld();
    } catch (error) {
      if (isOld()) return true;
      throw error;
    }
  }

  async sync(): Promise<void> {
    await this.#segment.lines.sync();
  }

  /** Signs all records once they are on the disk. A retry may write the same note twice. */
  async checkpoint(): Promise<void> {
    if (this.size === this.checkpointSize) return;
    await this.sync();
    const text = signCheckpoint(
      { origin: toOrigin(this.#chain), size: this.size, root: this.#range.root() },
      this.#options.signingKey,
    );
    const { checkpoints } = this.#segment;
    await checkpoints.append(Buffer.from(`${text}\n`));
    await checkpoints.sync();
    this.#note = readNotes(text).notes[0];
    this.#checkpointAtMs = this.#options.clock();
    this.#fresh = text;
  }

  /** Closes the segment with a checkpoint of all of it and begins the next. */
  async rotate(): Promise<void> {
    await this.checkpoint();
    this.#isEnded = true;
    const old = this.#segment;
    this.#segment = await beginSegment(this.#options, {
      chain: this.#chain,
      range: this.#range,
      prev: this.#prev,
      lastNote: this.#note,
    });
    this.#isEnded = false;
    await closeFiles(old);
  }

  /** The newest checkpoint, returned once. */
  takeNote(): string | undefined {
    const note = this.#fresh;
    this.#fresh = undefined;
    return note;
  }

  async close(): Promise<void> {
    await closeFiles(this.#segment);
  }
}

/** True as well if the clock was set back, since the real age is unknown then. */
const isOver = (ageMs: number, mostMs: number): boolean => ageMs < 0 || ageMs >= mostMs;

async function closeFiles({ lines, checkpoints }: Segment): Promise<void> {
  await lines.close();
  await checkpoints.close();
}

async function beginSegment(
  options: AuditLogOptions,
  at: Pick<Recovered, 'chain' | 'range' | 'prev' | 'lastNote'>,
): Promise<Segment> {
  const { chain, range, prev, lastNote: note } = at;
  await writeStart(options.directory, { chain, range, prev, note });
  const segment = await openSegment(options, { firstSeq: range.size + 1, bytes: 0 }, 0);
  try {
    await syncDirectory(options.directory);
    return segment;
  } catch (error) {
    await closeFiles(segment);
    throw error;
  }
}

async function openSegment(
  { directory, clock }: AuditLogOptions,
  { firstSeq, bytes }: { firstSeq: number; bytes: number },
  checkpointsBytes: number,
): Promise<Segment> {
  const checkpoints = await AppendFile.open(
    join(directory, checkpointsName(firstSeq)),
    checkpointsBytes,
  );
  try {
    const lines = await AppendFile.open(join(directory, linesName(firstSeq)), bytes);
    return { firstSeq, lines, checkpoints, openedAtMs: clock() };
  } catch (error) {
    await checkpoints.close();
    throw error;
  }
}

/**
 * Keys that this log was signed with before, so that a key can be replaced; throws system errors.
 */
async function readKeptKeys(directory: string): Promise<KeyObject[]> {
  const text = await readIfThere(join(directory, publicKeysName));
  if (text === undefined) return [];
  try {
    return toPublicKeys(text);
  } catch {
    // No valid keys: only the log's own key counts then.
    return [];
  }
}
