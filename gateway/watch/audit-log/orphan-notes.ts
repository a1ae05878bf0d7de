/**
 * Segments whose lines are gone while what belongs to them is still there. A process that ends
 * while it begins a segment leaves such files behind, and they cover nothing that is not there;
 * files that cover more say that lines were taken away.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beside, toSegments } from './segment-names.ts';
import { readStart } from './segment-start.ts';
import { type Note, readNotes } from './signed-note.ts';

export interface Orphan {
  readonly file: string;
  /** Of the segment that it belongs to. */
  readonly firstSeq: number;
  /** Records that were there when it was written, by what it says itself. */
  readonly size: number;
}

/** Of a log that is written meanwhile, a segment that was just begun is none. */
export async function listOrphans(directory: string): Promise<Orphan[]> {
  const orphans: Orphan[] = [];
  for (const { file, firstSeq } of without(await readdir(directory))) {
    const size = (await readSizes(directory, file, firstSeq)).reduce((a, b) => Math.max(a, b), 0);
    orphans.push({ file, firstSeq, size });
  }
  if (orphans.length === 0) return orphans;
  const still = new Set(without(await readdir(directory)).map(({ file }) => file));
  return orphans.filter(({ file }) => still.has(file));
}

function without(names: readonly string[]): { file: string; firstSeq: number }[] {
  const there = new Set(toSegments(names).map(({ firstSeq }) => firstSeq));
  return names.flatMap((file) => {
    const firstSeq = beside(file);
    return firstSeq === undefined || there.has(firstSeq) ? [] : [{ file, firstSeq }];
  });
}

async function readSizes(directory: string, file: string, firstSeq: number): Promise<number[]> {
  try {
    const notes: (Note | undefined)[] = file.endsWith('.start')
      ? [(await readStart(directory, firstSeq)).note]
      : readNotes(await readFile(join(directory, file), 'utf8')).notes;
    return notes.map((note) => note?.size ?? 0);
  } catch {
    // Half written, or gone by now: it says nothing.
    return [];
  }
}
