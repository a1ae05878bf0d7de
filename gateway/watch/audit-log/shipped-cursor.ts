/** How far the log was shipped, from the forwarder's `cursor.json` in the log's directory. */
import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere } from './signing-key.ts';

const schema = z.looseObject({ seq: z.int().min(0) });

/** Seq of the last record shipped; 0 if there is no cursor, or it is unreadable. */
export async function readShipped(directory: string): Promise<number> {
  const text = await readIfThere(join(directory, 'cursor.json'));
  if (text === undefined) return 0;
  try {
    return schema.parse(JSON.parse(text)).seq;
  } catch {
    // An unreadable cursor proves nothing, so retention keeps everything.
    return 0;
  }
}
