/**
 * The audit log as a stream of complete lines from a cursor on. Follows growth, rotation and
 * compression; a torn tail waits until it is complete or a later segment shows that it never will
 * be.
 *
 * When in doubt it rereads a segment from its start: a line may come twice, none is left out.
 */
import { type ChainLink, readLink } from '../audit-log/chain-line.ts';
import { listSegments } from '../audit-log/read-segment.ts';
import type { SegmentFiles } from '../audit-log/segment-names.ts';
import type { Cursor } from './cursor-file.ts';
import { openSegment, type SegmentSource } from './segment-source.ts';

export interface AuditLine {
  /** The exact line, without its newline; valid until the next read. */
  readonly bytes: Buffer;
  /** Undefined if the line does not end as the log writes it. */
  readonly link: ChainLink | undefined;
  /** The cursor once this line is done. */
  readonly after: Cursor;
}

export type ReaderNotice =
  /** The log does not continue at the cursor, so the segment was reread from its start. */
  | { readonly kind: 'rewound'; readonly seq: number; readonly segment: number }
  /** Lines are missing: deleted or changed by someone; `audit verify` says more. */
  | { readonly kind: 'gap'; readonly expected: number; readonly found: number };

export interface LineReader {
  /** Complete lines of about that many bytes, at least one if there is one. */
  read(bytes: number): Promise<AuditLine[]>;
  /** Seq of the last line before the reading position; undefined if no segment is open. */
  seq(): number | undefined;
  close(): Promise<void>;
}

/** Longer than any line of the log; a longer line stops the reader with an Error. */
const lineBytesMax = 16 * 1024 * 1024;

export function createLineReader(
  directory: string,
  start: Cursor | undefined,
  notice: (notice: ReaderNotice) => void,
): LineReader {
  return new SegmentWalk(directory, start, notice);
}

class SegmentWalk implements LineReader {
  readonly #directory: string;
  readonly #notice: (notice: ReaderNotice) => void;
  #at: Cursor;
  #source: SegmentSource | undefined;
  /** Whether the line after the cursor was found to have the next seq. */
  #isProven: boolean;

  constructor(
    directory: string,
    start: Cursor | undefined,
    notice: (notice: ReaderNotice) => void,
  ) {
    this.#directory = directory;
    this.#notice = notice;
    this.#at = start ?? { seq: 0, segment: 0, offset: 0 };
    this.#isProven = start === undefined;
  }

  async read(bytes: number): Promise<AuditLine[]> {
    try {
      return await this.#readOn(bytes);
    } catch (error) {
      // A failed read must not look like the end: the next read opens the file anew, and it may be
      // another one.
      await this.close();
      this.#isProven = false;
      throw error;
    }
  }

  seq(): number | undefined {
    return this.#source === undefined ? undefined : this.#at.seq;
  }

  async close(): Promise<void> {
    await this.#source?.close();
    this.#source = undefined;
  }

  async #readOn(bytes: number): Promise<AuditLine[]> {
    if (this.#source === undefined && !(await this.#enter())) return [];
    for (;;) {
      const lines = await this.#take(bytes);
      if (lines === 'shrunk') {
        await this.close();
        this.#rewind(this.#at.segment);
        return [];
      }
      const last = lines.at(-1);
      if (last !== undefined) {
        this.#at = last.after;
        this.#isProven = true;
        return lines;
      }
      if (!(await this.#advance())) return [];
    }
  }

  /** Opens the cursor's segment or the one to continue with; false if there is none. */
  async #enter(): Promise<boolean> {
    const segments = await listSegments(this.#directory);
    const { seq, segment } = this.#at;
    const chosen = choose(segments, this.#at);
    if (chosen === undefined) return false;
    const opened = await openSegment(this.#directory, chosen);
    if (opened === undefined) return false;
    this.#source = opened;
    const { firstSeq } = chosen;
    if (firstSeq === segment) return true;
    const continues = firstSeq === seq + 1;
    if (seq > 0 && !continues) this.#rewind(firstSeq);
    this.#at = { seq: continues ? seq : firstSeq - 1, segment: firstSeq, offset: 0 };
    return true;
  }

  /** Complete lines from the cursor on, without moving it; none at the current end. */
  async #take(bytes: number): Promise<AuditLine[] | 'shrunk'> {
    for (let wanted = bytes; ; wanted *= 4) {
      const block = await this.#source?.read(this.#at.offset, wanted);
      if (block === undefined || block === 'shrunk') return 'shrunk';
      const lines = split(block, this.#at, this.#notice, this.#isProven);
      if (lines === 'elsewhere') return 'shrunk';
      if (lines.length > 0 || block.length < wanted) return lines;
      if (wanted > lineBytesMax) throw new Error('a line of the audit log is too long to ship');
    }
  }

  /** Moves to the start of the next segment, if there is one and this one is read to its end. */
  async #advance(): Promise<boolean> {
    const { seq, segment } = this.#at;
    const next = (await listSegments(this.#directory)).find(({ firstSeq }) => firstSeq > segment);
    if (next === undefined) return false;
    // Only now is this segment known to be complete: lines written before it was closed come first.
    const rest = await this.#take(1);
    if (rest === 'shrunk' || rest.length > 0) return true;
    const opened = await openSegment(this.#directory, next);
    if (opened === undefined) return false;
    await this.close();
    this.#source = opened;
    const { firstSeq } = next;
    if (firstSeq !== seq + 1) this.#notice({ kind: 'gap', expected: seq + 1, found: firstSeq });
    this.#at = { seq: firstSeq - 1, segment: firstSeq, offset: 0 };
    return true;
  }

  #rewind(segment: number): void {
    this.#notice({ kind: 'rewound', seq: this.#at.seq, segment });
    this.#at = { seq: Math.max(0, segment - 1), segment, offset: 0 };
    this.#isProven = true;
  }
}

/** The cursor's own segment, the one that follows it, or the oldest: skips no unread line. */
function choose(segments: readonly SegmentFiles[], at: Cursor): SegmentFiles | undefined {
  return (
    segments.find(({ firstSeq }) => firstSeq === at.segment) ??
    segments.find(({ firstSeq }) => firstSeq === at.seq + 1) ??
    segments[0]
  );
}

function split(
  block: Buffer,
  from: Cursor,
  notice: (notice: ReaderNotice) => void,
  isProven: boolean,
): AuditLine[] | 'elsewhere' {
  const lines: AuditLine[] = [];
  let { seq } = from;
  let begin = 0;
  for (let end = block.indexOf(10); end !== -1; end = block.indexOf(10, begin)) {
    const bytes = block.subarray(begin, end);
    begin = end + 1;
    const link = readLink(bytes);
    const found = link?.seq;
    if (!isProven && lines.length === 0 && found !== seq + 1) return 'elsewhere';
    if (found !== undefined && found !== seq + 1) {
      notice({ kind: 'gap', expected: seq + 1, found });
    }
    seq = found ?? seq + 1;
    lines.push({
      bytes,
      link,
      after: { seq, segment: from.segment, offset: from.offset + begin },
    });
  }
  return lines;
}
