/**
 * Makes a folder and its parents one by one: the recursive `mkdir` of Node.js never returns on file
 * systems, such as /proc, that report ENOENT for a new folder.
 */
import { mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { isAbsent } from './system-error.ts';

/** Returns the topmost folder that was made, undefined if all existed. Throws system errors. */
export async function makeFolder(folder: string, mode = 0o777): Promise<string | undefined> {
  const missing: string[] = [];
  for (let at = resolve(folder); !(await isFolder(at)); at = dirname(at)) {
    missing.unshift(at);
    if (dirname(at) === at) break;
  }
  for (const one of missing) await makeOne(one, mode);
  return missing[0];
}

async function makeOne(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    // Another process made it first.
    if (!(await isFolder(folder))) throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}
