/**
 * Writes a page without destroying other files: an existing file is replaced only if it is such a
 * page.
 */
import { constants, open, writeFile } from 'node:fs/promises';
import { replaceFile } from '../../delegate/replace-file.ts';
import { isAbsent, systemCode } from '../../files/system-error.ts';
import { pageStart } from './matrix-html.ts';

/** Throws Error naming the option if the file is something else, or cannot be written. */
export async function writePage(file: string, page: string): Promise<void> {
  try {
    const begins = await beginningOf(file);
    if (begins === undefined) return await writeFile(file, page, { flag: 'wx' });
    if (begins === pageStart) return await replaceFile(file, page);
  } catch (error) {
    throw new Error(`--html: cannot write ${file} (${systemCode(error)})`, { cause: error });
  }
  throw new Error(`--html: ${file} is there and is no page of this command's: it stays as it is`);
}

/**
 * The first bytes, as many as `pageStart` has; empty if it is not a regular file, undefined if
 * absent.
 */
async function beginningOf(file: string): Promise<string | undefined> {
  try {
    // O_NONBLOCK: opening a pipe must not wait for a writer.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) return '';
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(pageStart.length), 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}
