/**
 * Verifies that a log is as it was written: the chain, Merkle roots against signed checkpoints, the
 * order of segments, and anchors kept outside. Reads everything once and reports the place of each
 * problem. Records that no signature covers yet are counted, not vouched for.
 */
import type { KeyObject } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isAbsent } from '../../files/system-error.ts';
import { ChainCheck } from './chain-check.ts';
import { type LogProblem, LogProblems } from './log-problems.ts';
import { listOrphans } from './orphan-notes.ts';
import {
  eachLine,
  listSegments,
  readBlocks,
  SegmentUnreadable,
  segmentsSince,
} from './read-segment.ts';
import { Retirements } from './retirements.ts';
import { type SegmentFiles, startName } from './segment-names.ts';
import { isGenuine, readStart, type SegmentStart } from './segment-start.ts';
import { readShipped } from './shipped-cursor.ts';
import type { Note } from './signed-note.ts';
import { SignedRoots } from './signed-roots.ts';

export interface Verdict {
  readonly ok: boolean;
  readonly directory: string;
  readonly chain: string | undefined;
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly records: number;
  readonly checkpoints: number;
  /** Records that no checkpoint covers yet. */
  readonly unsigned: number;
  /** How many anchors were compared, and how many could not be. */
  readonly anchors: { readonly checked: number; readonly unchecked: number };
  /** The first hundred. */
  readonly problems: readonly LogProblem[];
}

export interface VerifyOptions {
  readonly keys: readonly KeyObject[];
  /** Checkpoints kept outside the log. */
  readonly anchors: readonly Note[];
  /** Segments that ended before this time are left out. */
  readonly sinceMs: number | undefined;
}

/** A log signs far more often, so more unsigned records than this are a problem. */
const unsignedMax = 100_000;

/** How often to read a log again if retention deleted segments meanwhile. */
const readingsMax = 3;

export async function verifyLog(directory: string, options: VerifyOptions): Promise<Verdict> {
  for (let reading = 1; ; reading += 1) {
    const before = await listSegments(directory);
    const verdict = await new LogCheck(directory, options).run();
    if (verdict.ok || reading >= readingsMax) return verdict;
    const after = new Set((await listSegments(directory)).map(({ firstSeq }) => firstSeq));
    if (before.every(({ firstSeq }) => after.has(firstSeq))) return verdict;
  }
}

class LogCheck {
  readonly #directory: string;
  readonly #options: VerifyOptions;
  readonly #problems: LogProblems;
  readonly #lines: ChainCheck;
  readonly #signed: SignedRoots;
  readonly #retirements = new Retirements();

  constructor(directory: string, options: VerifyOptions) {
    this.#directory = directory;
    this.#options = options;
    this.#problems = new LogProblems(directory);
    this.#lines = new ChainCheck(this.#problems);
    const { keys, anchors } = options;
    this.#signed = new SignedRoots({ directory, keys, anchors, lines: this.#lines });
  }

  async run(): Promise<Verdict> {
    // Read before the lines: records written and shipped meanwhile must not count as missing.
    const shipped = await readShipped(this.#directory);
    const orphans = await listOrphans(this.#directory);
    const all = await listSegments(this.#directory);
    const segments = await segmentsSince(this.#directory, this.#options.sinceMs);
    const firstSeq = segments[0]?.firstSeq ?? 0;
    for (const [at, segment] of segments.entries()) {
      await this.#segmentStart(segment, at === 0);
      await this.#checkSegment(segment, at === segments.length - 1);
    }
    const retiredThrough = this.#retirements.through(this.#signed.seq);
    if (segments.length > 0 && all[0]?.firstSeq === firstSeq) {
      this.#checkBeginning(firstSeq, retiredThrough);
    }
    this.#signed.checkAnchors(firstSeq);
    this.#checkShipped(shipped);
    for (const { file, size } of orphans) this.#checkOrphan(file, size);
    this.#problems.forgetThrough(retiredThrough);
    const unsigned = Math.max(0, this.#lines.seq - Math.max(this.#signed.seq, firstSeq - 1));
    if (unsigned > unsignedMax) {
      this.#lines.complain(
        'checkpoint-missing',
        `no checkpoint covers the last ${unsigned} records`,
      );
    }
    return {
      ok: this.#problems.all.length === 0,
      directory: this.#directory,
      chain: this.#lines.id,
      firstSeq,
      lastSeq: this.#lines.seq,
      records: this.#lines.records,
      checkpoints: this.#signed.checkpoints,
      unsigned,
      anchors: this.#signed.anchors,
      problems: this.#problems.all,
    };
  }

  async #segmentStart({ firstSeq, lines }: SegmentFiles, isFirst: boolean): Promise<void> {
    this.#problems.lines = lines;
    const start = await this.#readStart(firstSeq);
    this.#lines.begin(firstSeq, start, isFirst);
    this.#signed.begin(firstSeq, start);
  }

  async #readStart(firstSeq: number): Promise<SegmentStart | undefined> {
    const file = startName(firstSeq);
    try {
      const start = await readStart(this.#directory, firstSeq);
      this.#lines.id ??= start.chain;
      if (start.chain === this.#lines.id && isGenuine(start, this.#options.keys)) return start;
      this.#lines.complain(
        'bad-signature',
        'what the segment stands on was not signed',
        firstSeq,
        file,
      );
    } catch (error) {
      const why = error instanceof Error && 'code' in error ? String(error.code) : 'not readable';
      this.#lines.complain('start-missing', `what the segment stands on: ${why}`, firstSeq, file);
    }
    return undefined;
  }

  async #checkSegment(segment: SegmentFiles, isLast: boolean): Promise<void> {
    const notes = await this.#signed.readNotes(segment);
    const bySize = this.#signed.bySize(notes);
    let tornBytes = 0;
    let endedAt = 0;
    try {
      for await (const block of readBlocks(this.#directory, segment)) {
        const tellsRetired = this.#retirements.areIn(block.bytes);
        eachLine(block, (line) => {
          this.#signed.take(line, this.#lines.take(line), bySize);
          if (tellsRetired) this.#retirements.look(line, this.#lines.seq);
          return true;
        });
        endedAt = block.offset + block.bytes.length;
        if (block.bytes.at(-1) !== 10) {
          tornBytes = block.bytes.length - block.bytes.lastIndexOf(10) - 1;
        }
      }
    } catch (error) {
      const isUnreadable = error instanceof SegmentUnreadable;
      // A file that may not be opened has not been shown to be changed.
      if (!isUnreadable && !isAbsent(error)) throw error;
      this.#lines.complain('truncated', isUnreadable ? error.why : 'the segment is gone');
    }
    if (tornBytes > 0 && !(isLast && (await this.#hasGrown(segment, endedAt)))) {
      this.#lines.line += 1;
      this.#lines.complain('torn-tail', `${tornBytes} bytes without an end`, this.#lines.seq + 1);
    }
    this.#checkEnd(notes, isLast);
  }

  /** A log that is being written may end within a line. */
  async #hasGrown({ lines }: SegmentFiles, bytes: number): Promise<boolean> {
    return (await stat(join(this.#directory, lines))).size !== bytes;
  }

  #checkEnd(notes: readonly Note[], isLast: boolean): void {
    const covered = notes.reduce((most, { size }) => Math.max(most, size), 0);
    if (covered > this.#lines.seq) {
      const missing = `a checkpoint covers ${covered} records, the segment ends at ${this.#lines.seq}`;
      this.#lines.complain('truncated', missing, this.#lines.seq + 1);
    }
    if (!isLast && covered < this.#lines.seq) {
      this.#lines.complain('checkpoint-missing', 'a closed segment without its last checkpoint');
    }
  }

  /** Retention records what it deletes; an attacker who deletes more cannot. */
  #checkBeginning(firstSeq: number, retiredThrough: number): void {
    if (firstSeq === 1 || retiredThrough >= firstSeq - 1) return;
    const from = retiredThrough + 1;
    const missing = `records ${from} to ${firstSeq - 1} are missing and no retention recorded it`;
    this.#problems.add({ code: 'beginning-missing', message: missing, seq: from });
  }

  /** Reports lines that are gone although files signed about them remain. */
  #checkOrphan(file: string, size: number): void {
    if (size <= this.#lines.seq) return;
    const missing = `${size} records were there once, the log ends at ${this.#lines.seq}`;
    this.#lines.complain('truncated', missing, this.#lines.seq + 1, file);
  }

  #checkShipped(shipped: number): void {
    if (shipped <= this.#lines.seq) return;
    if (this.#lines.seq === 0)
      this.#lines.complain('empty', `${shipped} records were sent on, none is here`, 1);
    else {
      const missing = `record ${shipped} was sent on, the log ends at ${this.#lines.seq}`;
      this.#lines.complain('truncated', missing, this.#lines.seq + 1);
    }
  }
}
