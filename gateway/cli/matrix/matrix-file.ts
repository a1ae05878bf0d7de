/** Writes a page beside nothing of anybody's: a file that is there is replaced only where it is such a page. */
import { constants, open, writeFile } from 'node:fs/promises';
import { replaceFile } from '../../delegate/replace-file.ts';
import { isAbsent, systemCode } from '../../files/system-error.ts';
import { pageStart } from './matrix-html.ts';

/** Throws Error naming the option where the file is another's, or cannot be written. */
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

/** As many bytes as a page begins with; empty for what is no file, undefined where nothing is there. */
async function beginningOf(file: string): Promise<string | undefined> {
  try {
    // A pipe is opened at once, and nobody is waited for.
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
