/**
 * How far the audit log was shipped: `cursor.json` beside the segments, durable before the next
 * batch is sent. Retention reads it too and deletes nothing that it does not cover. If it cannot be
 * read, shipping starts over: lines are then sent twice, none is left out.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const schema = z.object({
  /** Seq of the last line that was shipped or parked; 0 before the first. */
  seq: z.int().min(0),
  /** First seq of the segment being read. */
  segment: z.int().min(0),
  /** Bytes of the uncompressed segment that are done. */
  offset: z.int().min(0),
});

export type Cursor = z.infer<typeof schema>;

const cursorName = 'cursor.json';

/** Undefined if there is none; rejects with an Error if it is unreadable. */
export async function readCursor(directory: string): Promise<Cursor | undefined> {
  let text: string;
  try {
    text = await readFile(join(directory, cursorName), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return schema.parse(JSON.parse(text));
}

/** Atomic: a temporary file is synced and renamed over the old one. */
export async function writeCursor(directory: string, cursor: Cursor): Promise<void> {
  const target = join(directory, cursorName);
  const temporary = `${target}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(cursor)}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, target);
}
