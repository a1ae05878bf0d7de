/**
 * Finds segments whose lines are gone while files that belong to them remain. A process that ends
 * while it begins a segment leaves such files, which cover no records beyond the log's; files that
 * cover more show that lines were removed.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beside, toSegments } from './segment-names.ts';
import { readStart } from './segment-start.ts';
import { type Note, readNotes } from './signed-note.ts';

export interface Orphan {
  readonly file: string;
  /** Of the segment that the file belongs to. */
  readonly firstSeq: number;
  /** Records that existed when the file was written, according to the file itself. */
  readonly size: number;
}

/** Orphans at two looks, so that a segment that a running log has just begun is not among them. */
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
    // Partly written or gone by now, so it proves nothing.
    return [];
  }
}
