/**
 * The identity of a set of policies: one hash over the names and bytes of all files that are read,
 * and of folders without any, which are not the same as folders that are gone.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { foldersRead, listPolicyFiles } from './policy-folder.ts';

/** SHA-256 in lower-case hex; throws ConfigError where the directory cannot be read. */
export async function digestPolicies(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of foldersRead) {
    const files = await listPolicyFiles(directory, folder);
    if (files?.length === 0) hash.update(`${folder}/\n`);
    for (const file of files ?? []) {
      const bytes = await readFile(file);
      hash.update(`${relative(directory, file)}\n${bytes.length}\n`).update(bytes);
    }
  }
  return hash.digest('hex');
}
