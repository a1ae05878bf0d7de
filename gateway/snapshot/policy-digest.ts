/**
 * The identity of a set of policies: one hash over the names and bytes of all files that are read,
 * including manifests of trusted documents wherever they are, and of empty folders, which differ
 * from missing ones.
 */
import { createHash, type Hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { ConfigError, fileProblem } from '../files/config-error.ts';
import { foldersRead, listPolicyFiles } from '../files/policy-folder.ts';
import { readFileVersion } from '../files/read-file.ts';
import { systemCode } from '../files/system-error.ts';
import { fileBytesMax } from '../files/yaml-source.ts';
import { manifestsNamedIn } from '../limits/manifest-names.ts';

/** SHA-256 in lower-case hex; throws ConfigError if the directory or a file cannot be read. */
export async function digestPolicies(directory: string): Promise<string> {
  const hash = createHash('sha256');
  for (const folder of foldersRead) {
    const files = await listPolicyFiles(directory, folder);
    if (files?.length === 0) hash.update(`${folder}/\n`);
    for (const file of files ?? []) {
      const bytes = await readPolicyFile(file);
      add(hash, relative(directory, file), bytes);
      if (folder !== 'limits') continue;
      for (const path of manifestsOf(bytes)) {
        await addManifest(hash, directory, resolve(dirname(file), path));
      }
    }
  }
  return hash.digest('hex');
}

async function readPolicyFile(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const message = `cannot read the file (${systemCode(error)})`;
    throw new ConfigError([fileProblem(file, 'file-missing', message)]);
  }
}

function add(hash: Hash, name: string, bytes: Buffer): void {
  hash.update(`${name}\n${bytes.length}\n`).update(bytes);
}

function manifestsOf(bytes: Buffer): readonly string[] {
  try {
    return manifestsNamedIn(bytes.toString('utf8'));
  } catch {
    return [];
  }
}

/** An unreadable manifest hashes differently from any readable one; loading refuses it by name. */
async function addManifest(hash: Hash, directory: string, file: string): Promise<void> {
  try {
    const version = await readFileVersion(file, { bytesMax: fileBytesMax });
    if (version !== undefined) add(hash, relative(directory, file), version.bytes);
  } catch (error) {
    hash.update(`${relative(directory, file)}\n${systemCode(error)}\n`);
  }
}
