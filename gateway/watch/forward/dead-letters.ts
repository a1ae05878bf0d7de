/**
 * Lines that the collector will never take, kept in `dead-letter.ndjson` beside the log, mode 0600.
 * Synced before the cursor passes them, so that each line is in the SIEM, in the log, or here.
 * Bounded: when it is full nothing more is parked, and shipping waits for an operator.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';

export interface DeadLetter {
  readonly timeMs: number;
  /** `refused`: this line. `partial`: `rejected` of the `of` lines that were sent with it. */
  readonly reason: 'refused' | 'partial';
  readonly detail: string;
  readonly rejected: number;
  readonly of: number;
  readonly seq: number;
  readonly line: Buffer;
}

export interface DeadLetters {
  /** False if they do not fit, and none is parked then. Rejects on an I/O error. */
  park(letters: readonly DeadLetter[]): Promise<boolean>;
}

const deadLetterName = 'dead-letter.ndjson';

/** Rejects if there can be no such file: a start must not find that out by its first letter. */
export async function openDeadLetters(directory: string, bytesMax: number): Promise<DeadLetters> {
  const path = join(directory, deadLetterName);
  await withFile(path, measure);
  return {
    park: (letters) => withFile(path, (file) => append(file, letters, bytesMax)),
  };
}

/** Opened each time: the file or its directory may have been taken away or replaced since. */
async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  await using file = await open(path, 'a+', 0o600);
  return await use(file);
}

async function append(
  file: FileHandle,
  letters: readonly DeadLetter[],
  bytesMax: number,
): Promise<boolean> {
  const bytes = await measure(file);
  const text = Buffer.from(letters.map(toText).join(''));
  if (bytes + text.length > bytesMax) return false;
  try {
    await file.appendFile(text);
    await file.datasync();
  } catch (error) {
    // They will be parked again: a partial write must not precede that, nor take its room.
    await file.truncate(bytes);
    throw error;
  }
  return true;
}

function toText({ timeMs, line, ...rest }: DeadLetter): string {
  // Invalid UTF-8 is kept as base64: the line must stay exact.
  const text = line.toString('utf8');
  const exact = Buffer.from(text).equals(line)
    ? { line: text }
    : { base64: line.toString('base64') };
  return `${JSON.stringify({ time: timeMs, ...rest, ...exact })}\n`;
}

/** The file's size; ends a line that was cut short, so that the next entry has its own line. */
async function measure(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  if (size === 0) return 0;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  if (buffer[0] === 10) return size;
  await file.appendFile('\n');
  return size + 1;
}
