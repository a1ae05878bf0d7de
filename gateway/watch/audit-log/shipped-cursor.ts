/** How far the forwarder has sent the log on: `cursor.json` in the log's directory, which it writes. */
import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere } from './signing-key.ts';

const schema = z.looseObject({ seq: z.int().min(0) });

/** Seq of the last record sent on; 0 where there is no cursor, or none that can be read. */
export async function readShipped(directory: string): Promise<number> {
  const text = await readIfThere(join(directory, 'cursor.json'));
  if (text === undefined) return 0;
  try {
    return schema.parse(JSON.parse(text)).seq;
  } catch {
    // Not readable is not shipped: retention keeps what it cannot prove to be elsewhere.
    return 0;
  }
}
