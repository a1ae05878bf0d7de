/** The segments of an audit log by name, oldest first. The plain one where both forms are there:
 * a compressed copy is complete only once the plain one is gone. */
import { readdir } from 'node:fs/promises';

export interface Segment {
  readonly firstSeq: number;
  readonly name: string;
  readonly form: 'plain' | 'zst' | 'gz';
}

const form = /^(\d{16})\.ndjson(?:\.(zst|gz))?$/;

/** Rejects when the directory cannot be read; empty where there is none yet. */
export async function listSegments(directory: string): Promise<Segment[]> {
  const found = new Map<number, Segment>();
  for (const name of await namesIn(directory)) {
    const [, digits, packed] = form.exec(name) ?? [];
    if (digits === undefined) continue;
    const firstSeq = Number(digits);
    const its = packed === 'zst' || packed === 'gz' ? packed : 'plain';
    if (its === 'plain' || !found.has(firstSeq)) found.set(firstSeq, { firstSeq, name, form: its });
  }
  return [...found.values()].sort((one, other) => one.firstSeq - other.firstSeq);
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
