/** An audit directory as anybody reads it who has the disk: its lines, and all of its bytes. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The lines of all plain segments, oldest first; of a directory within, such as `queries`, too. */
export async function auditLines(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.ndjson')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')));
  return texts.join('').split('\n').filter(Boolean);
}

/** Every file under it, as text. */
export async function everythingIn(directory: string): Promise<string> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map((entry) => readFile(join(entry.parentPath, entry.name), 'latin1')),
  );
  return texts.join('\n');
}
