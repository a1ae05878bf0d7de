/**
 * The audit log as a stream of complete lines from a cursor on: follows growth, rotation and
 * compression; a torn tail waits until it is whole or a later segment shows that it never will be.
 *
 * In doubt it reads again from the start of a segment: a line may come twice, none is left out.
 */
import type { Cursor } from './cursor-file.ts';
import { type Place, readPlace, readSeq } from './line-seq.ts';
import { listSegments, type Segment } from './segment-list.ts';
import { openSegment, type SegmentSource } from './segment-source.ts';

export interface AuditLine {
  /** The exact line, without its newline; good until the next read. */
  readonly bytes: Buffer;
  /** Undefined where the log has not written its end. */
  readonly place: Place | undefined;
  /** Where shipping goes on once this line is done with. */
  readonly after: Cursor;
}

export type ReaderNotice =
  /** The log does not continue where the cursor stood: read again from there on. */
  | { readonly kind: 'rewound'; readonly seq: number; readonly segment: number }
  /** Numbers that no line has: deleted or changed by someone; `audit verify` tells more. */
  | { readonly kind: 'gap'; readonly expected: number; readonly found: number };

export interface LineReader {
  /** Complete lines of about so many bytes, at least one where there is one. */
  read(bytes: number): Promise<AuditLine[]>;
  /** Of the last line before the place where it reads on; undefined where no segment is open. */
  seq(): number | undefined;
  close(): Promise<void>;
}

/** Longer than any line of the log; one that is longer stops the reader with an Error. */
const lineBytesMax = 16 * 1024 * 1024;

export function createLineReader(
  directory: string,
  start: Cursor | undefined,
  notice: (notice: ReaderNotice) => void,
): LineReader {
  let at: Cursor = start ?? { seq: 0, segment: 0, offset: 0 };
  let source: SegmentSource | undefined;
  /** The first line after opening must be the one after the cursor. */
  let isProven = start === undefined;

  const leave = async (): Promise<void> => {
    await source?.close();
    source = undefined;
  };

  /** The segment that holds the cursor, or where to go on without it; false where none is. */
  const enter = async (): Promise<boolean> => {
    const segments = await listSegments(directory);
    const chosen = choose(segments, at);
    if (chosen === undefined) return false;
    const opened = await openSegment(directory, chosen);
    if (opened === undefined) return false;
    source = opened;
    if (chosen.firstSeq === at.segment) return true;
    const continues = chosen.firstSeq === at.seq + 1;
    if (at.seq > 0 && !continues) rewind(chosen.firstSeq);
    at = { seq: continues ? at.seq : chosen.firstSeq - 1, segment: chosen.firstSeq, offset: 0 };
    return true;
  };

  const rewind = (segment: number): void => {
    notice({ kind: 'rewound', seq: at.seq, segment });
    at = { seq: Math.max(0, segment - 1), segment, offset: 0 };
    isProven = true;
  };

  const take = async (bytes: number): Promise<AuditLine[] | 'shrunk'> => {
    for (let wanted = bytes; ; wanted *= 4) {
      const block = await source?.read(at.offset, wanted);
      if (block === undefined || block === 'shrunk') return 'shrunk';
      const lines = split(block, at, notice, isProven);
      if (lines === 'elsewhere') return 'shrunk';
      if (lines.length > 0 || block.length < wanted) return lines;
      if (wanted > lineBytesMax) throw new Error('a line of the audit log is too long to ship');
    }
  };

  const advance = async (): Promise<boolean> => {
    const next = (await listSegments(directory)).find(({ firstSeq }) => firstSeq > at.segment);
    if (next === undefined) return false;
    // Only now is this segment known to be finished: what came before it was closed is read first.
    const rest = await take(1);
    if (rest === 'shrunk' || rest.length > 0) return true;
    const opened = await openSegment(directory, next);
    if (opened === undefined) return false;
    await leave();
    source = opened;
    if (next.firstSeq !== at.seq + 1) {
      notice({ kind: 'gap', expected: at.seq + 1, found: next.firstSeq });
    }
    at = { seq: next.firstSeq - 1, segment: next.firstSeq, offset: 0 };
    return true;
  };

  const readOn = async (bytes: number): Promise<AuditLine[]> => {
    if (source === undefined && !(await enter())) return [];
    for (;;) {
      const lines = await take(bytes);
      if (lines === 'shrunk') {
        await leave();
        rewind(at.segment);
        return [];
      }
      const last = lines.at(-1);
      if (last !== undefined) {
        at = last.after;
        isProven = true;
        return lines;
      }
      if (!(await advance())) return [];
    }
  };
  const read = async (bytes: number): Promise<AuditLine[]> => {
    try {
      return await readOn(bytes);
    } catch (error) {
      // A broken stream must not pass for a finished one: the next read opens the file anew.
      await leave();
      throw error;
    }
  };
  const seq = () => (source === undefined ? undefined : at.seq);
  return { read, seq, close: leave };
}

/** The cursor's own segment, the one that follows it, or the oldest: never past an unread line. */
function choose(segments: readonly Segment[], at: Cursor): Segment | undefined {
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
    const place = readPlace(bytes);
    const found = place?.seq ?? readSeq(bytes);
    if (!isProven && lines.length === 0 && found !== seq + 1) return 'elsewhere';
    if (found !== undefined && found !== seq + 1) {
      notice({ kind: 'gap', expected: seq + 1, found });
    }
    seq = found ?? seq + 1;
    lines.push({
      bytes,
      place,
      after: { seq, segment: from.segment, offset: from.offset + begin },
    });
  }
  return lines;
}
