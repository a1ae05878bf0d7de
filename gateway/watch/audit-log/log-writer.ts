/**
 * The files of a log that is written: the open segment, its checkpoints and the tree over all of
 * it. One thing at a time, each step all or nothing: what throws may be called again.
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
  #note: Note | undefined;
  #checkpointAtMs: number;
  #fresh: string | undefined;
  /** Seq of the log's own record of the last checkpoint: alone it is no reason for another. */
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

  /** Records written. */
  get size(): number {
    return this.#range.size;
  }

  /** Of the open segment. */
  get firstSeq(): number {
    return this.#segment.firstSeq;
  }

  /** Records covered by the last checkpoint. */
  get checkpointSize(): number {
    return this.#note?.size ?? 0;
  }

  /** Whether anything but the record of the last checkpoint is not signed yet. */
  get hasUnsigned(): boolean {
    const unsigned = this.size - this.checkpointSize;
    return unsigned > 1 || (unsigned === 1 && this.ownSeq !== this.size);
  }

  get shouldCheckpoint(): boolean {
    return this.size - this.checkpointSize >= this.#options.checkpointRecords;
  }

  get isCheckpointLate(): boolean {
    const { clock, checkpointMs } = this.#options;
    return this.hasUnsigned && isOver(clock() - this.#checkpointAtMs, checkpointMs);
  }

  /** Whether the segment is full with `bytes` more, or old. */
  shouldRotate(bytes: number): boolean {
    const { lines, openedAtMs } = this.#segment;
    if (lines.bytes === 0) return false;
    if (lines.bytes + bytes > this.#options.rotateBytes) return true;
    const { clock, rotateMs } = this.#options;
    return this.hasUnsigned && isOver(clock() - openedAtMs, rotateMs);
  }

  /** Writes a group; with `strict` it is on the disk afterwards. */
  async write(group: CommitGroup): Promise<void> {
    const before = { id: this.#chain, seq: this.size + 1, prev: this.#prev };
    const encoded = group.encode(before);
    const { lines } = this.#segment;
    // Once down, a failed sync must not write the lines again.
    if (!group.isDown) await lines.append(encoded.bytes);
    group.isDown = true;
    if (this.#options.durability === 'strict') await lines.sync();
    for (const leaf of encoded.leaves) this.#range.append(leaf);
    this.#prev = encoded.prev;
  }

  /** Whether the open segment still has its name, and all that was written. */
  async isInPlace(): Promise<boolean> {
    const segment = this.#segment;
    // Closed meanwhile, its files may be compressed already: what is open now is looked at next time.
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

  /** Signs everything written, once it is on the disk. Tried again, the same note may stand there twice. */
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
    const old = this.#segment;
    this.#segment = await beginSegment(this.#options, {
      chain: this.#chain,
      range: this.#range,
      prev: this.#prev,
      lastNote: this.#note,
    });
    await closeFiles(old);
  }

  /** The last checkpoint, once. */
  takeNote(): string | undefined {
    const note = this.#fresh;
    this.#fresh = undefined;
    return note;
  }

  async close(): Promise<void> {
    await closeFiles(this.#segment);
  }
}

/** Also where the clock was put back meanwhile: how far, nobody knows. */
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
  await syncDirectory(options.directory);
  return segment;
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

/** Keys that this log was signed with before, so that a key can be changed; throws what the system throws. */
async function readKeptKeys(directory: string): Promise<KeyObject[]> {
  const text = await readIfThere(join(directory, publicKeysName));
  if (text === undefined) return [];
  try {
    return toPublicKeys(text);
  } catch {
    // Not keys: only the log's own key counts then.
    return [];
  }
}
