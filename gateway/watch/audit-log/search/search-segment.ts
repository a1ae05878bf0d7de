/** Finds the matching lines of one segment without parsing the others. */

import { readBlocks } from '../read-segment.ts';
import type { SegmentFiles } from '../segment-names.ts';
import { createFindOtherEpochs } from './find-epochs.ts';
import { createFindTexts, type FindTexts } from './find-texts.ts';

/** What a line is matched by; either is enough. */
export interface LookFor {
  /** Texts of which the line contains one, byte by byte; each of two bytes or more. */
  readonly texts: readonly string[];
  /** A keyed id of an epoch other than these matches too; undefined: epochs are not considered. */
  readonly epochsKnown?: readonly string[] | undefined;
}

export type SearchSegment = (
  directory: string,
  segment: SegmentFiles,
  visit: (lines: readonly Buffer[]) => void | Promise<void>,
) => Promise<void>;

/** Lines come in order, those of a block together; the next block waits for `visit`. */
export function createSearchSegment({ texts, epochsKnown }: LookFor): SearchSegment {
  const find =
    epochsKnown === undefined ? createFindTexts(texts) : createFindOtherEpochs(texts, epochsKnown);
  return async (directory, segment, visit) => {
    for await (const { bytes } of readBlocks(directory, segment)) {
      const lines = findLines(bytes, find);
      if (lines.length > 0) await visit(lines);
    }
  };
}

/** Each matching line once; an incomplete line at the end is left out. */
function findLines(bytes: Buffer, find: FindTexts): Buffer[] {
  const lines: Buffer[] = [];
  for (let at = find(bytes, 0); at >= 0; ) {
    const end = bytes.indexOf(10, at);
    if (end < 0) break;
    lines.push(bytes.subarray(bytes.lastIndexOf(10, at) + 1, end));
    at = find(bytes, end + 1);
  }
  return lines;
}
