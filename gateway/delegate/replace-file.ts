/**
 * Replaces a file's content atomically: every reader sees the old text or the new one, whatever
 * happens meanwhile.
 */
import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { isAbsent } from '../files/system-error.ts';

/** Throws Error if the file cannot be written; the old file is then unchanged. */
export async function replaceFile(file: string, text: string): Promise<void> {
  const beside = `${file}.${randomBytes(6).toString('hex')}.new`;
  const mode = await modeOf(file);
  try {
    const handle = await open(beside, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** A new file is readable by all, like a source file. */
async function modeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).mode & 0o777;
  } catch (error) {
    if (isAbsent(error)) return 0o644;
    throw error;
  }
}
