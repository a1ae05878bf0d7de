/** File names in a log's directory; names of a segment's files begin with its first seq. Pure. */

export interface SegmentFiles {
  /** Seq of the first record. */
  readonly firstSeq: number;
  readonly lines: string;
  readonly form: 'plain' | 'zst' | 'gz';
}

const linesForm = /^(\d{16})\.ndjson(?:\.(zst|gz))?$/;

const prefix = (firstSeq: number): string => String(firstSeq).padStart(16, '0');

export const linesName = (firstSeq: number): string => `${prefix(firstSeq)}.ndjson`;
export const startName = (firstSeq: number): string => `${prefix(firstSeq)}.start`;
export const checkpointsName = (firstSeq: number): string => `${prefix(firstSeq)}.checkpoints`;

const besideForm = /^(\d{16})\.(?:start|checkpoints)$/;

/** First seq of the segment whose lines the file accompanies; undefined for any other file. */
export function beside(name: string): number | undefined {
  const digits = besideForm.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The segments among a directory's names, oldest first; the plain form if there are both. */
export function toSegments(names: readonly string[]): SegmentFiles[] {
  const found = new Map<number, SegmentFiles>();
  for (const lines of names) {
    const match = linesForm.exec(lines);
    if (match === null) continue;
    const firstSeq = Number(match[1]);
    const form = match[2] === 'zst' ? 'zst' : match[2] === 'gz' ? 'gz' : 'plain';
    // A plain segment is removed once its compressed copy is complete: with both, it may not be.
    if (form === 'plain' || !found.has(firstSeq)) found.set(firstSeq, { firstSeq, lines, form });
  }
  return [...found.values()].sort((a, b) => a.firstSeq - b.firstSeq);
}
