/**
 * Finds the lines of a log that hold one of some texts, without parsing the others: bytes are
 * searched as they come from the disk or out of decompression, several segments at a time.
 */
import { eachLine, readBlocks, segmentsSince } from './read-segment.ts';
import type { SegmentFiles } from './segment-names.ts';

export interface Search {
  /** One of these must be in the line, as its bytes are. None: every line. */
  readonly texts: readonly string[];
  readonly sinceMs: number | undefined;
  /** Across segments as well: one after the other, which is slower. */
  readonly inOrder?: boolean;
  /** Lines come in order within a segment. */
  readonly visit: (line: Buffer) => void;
}

/** Decompression runs beside the search, in threads. */
const segmentsAtOnce = 3;

export async function searchLog(directory: string, search: Search): Promise<void> {
  const segments = await segmentsSince(directory, search.sinceMs);
  const needles = search.texts.map((text) => Buffer.from(text));
  let next = 0;
  const work = async () => {
    for (let segment = segments[next++]; segment !== undefined; segment = segments[next++]) {
      await searchSegment(directory, segment, needles, search.visit);
    }
  };
  await Promise.all(Array.from({ length: search.inOrder === true ? 1 : segmentsAtOnce }, work));
}

async function searchSegment(
  directory: string,
  segment: SegmentFiles,
  needles: readonly Buffer[],
  visit: (line: Buffer) => void,
): Promise<void> {
  for await (const block of readBlocks(directory, segment)) {
    if (needles.length === 0) {
      eachLine(block, (line) => {
        visit(line);
        return true;
      });
      continue;
    }
    const { bytes } = block;
    const starts = new Set(needles.flatMap((needle) => findLines(bytes, needle)));
    for (const start of [...starts].sort((a, b) => a - b)) {
      visit(bytes.subarray(start, bytes.indexOf(10, start)));
    }
  }
}

/** Where the lines begin that hold the needle; half a line at the end is none. */
function findLines(bytes: Buffer, needle: Buffer): number[] {
  const starts: number[] = [];
  for (let at = bytes.indexOf(needle); at >= 0; ) {
    const end = bytes.indexOf(10, at);
    if (end < 0) break;
    starts.push(bytes.lastIndexOf(10, at) + 1);
    at = bytes.indexOf(needle, end);
  }
  return starts;
}
