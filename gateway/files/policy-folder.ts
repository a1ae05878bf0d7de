/**
 * Finds the policy files. A file that would not be read is refused: a rule lost to a typo in a file
 * name would silently open or close something.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, fileProblem, type Problem } from './config-error.ts';
import { didYouMean } from './nearest.ts';
import { systemCode } from './system-error.ts';

/** The folders that are read. */
export const foldersRead = ['access', 'limits', 'rates', 'network', 'detect'];

/** Files that policies refer to and that may stand beside them: lists, databases, manifests. */
const dataBeside: Readonly<Record<string, RegExp>> = {
  network: /^(?:lists|.*\.(?:mmdb|txt))$/,
  limits: /^[^.].*\.json$/,
};

/** Most files in one folder; more is a mistake. */
const filesMax = 1_000;

/** Checks the layout of the policies directory; throws ConfigError. */
export async function checkPolicyFolders(directory: string): Promise<void> {
  const problems: Problem[] = [];
  for (const { name, isFolder } of await list(directory)) {
    const place = join(directory, name);
    if (!isFolder) {
      if (/\.ya?ml$/i.test(name)) {
        const message = `policy files stand in a folder: ${foldersRead.join(' or ')}`;
        problems.push(fileProblem(place, 'stray-file', message));
      }
    } else if (!foldersRead.includes(name)) {
      const hint = didYouMean(name, foldersRead);
      problems.push(fileProblem(place, 'stray-file', `unknown policy folder "${name}"${hint}`));
    }
  }
  if (problems.length > 0) throw new ConfigError(problems);
}

/** The folders that exist and are read, even if empty; throws ConfigError. */
export async function listPolicyFolders(directory: string): Promise<readonly string[]> {
  const found = (await list(directory)).filter(({ isFolder }) => isFolder);
  return foldersRead.filter((folder) => found.some(({ name }) => name === folder));
}

/**
 * The policy files of one folder, sorted, without `*.cases.yaml`; undefined if the folder is
 * missing. Throws ConfigError for any other file except notes (`.md`).
 */
export async function listPolicyFiles(
  directory: string,
  folder: string,
): Promise<readonly string[] | undefined> {
  const inDirectory = await list(directory);
  if (!inDirectory.some(({ name, isFolder }) => name === folder && isFolder)) return undefined;
  const entries = await list(join(directory, folder));
  const problems: Problem[] = [];
  const files: string[] = [];
  for (const { name, isFolder, isOdd } of entries) {
    const place = join(directory, folder, name);
    if (isOdd) {
      problems.push(fileProblem(place, 'stray-file', 'neither a file nor a folder'));
      continue;
    }
    if (dataBeside[folder]?.test(name)) continue;
    if (isFolder) {
      problems.push(fileProblem(place, 'stray-file', 'folders in here are not read'));
    } else if (casesPattern.test(name) || name.endsWith('.md')) continue;
    else if (/^[^.].*\.ya?ml$/.test(name)) files.push(place);
    else {
      const message = `"${name}" would not be read: name it *.yaml, or take it away`;
      problems.push(fileProblem(place, 'stray-file', message));
    }
  }
  if (files.length > filesMax) {
    const message = `more than ${filesMax} files`;
    problems.push(fileProblem(join(directory, folder), 'too-many-files', message));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return files;
}

const casesPattern = /\.cases\.ya?ml$/;

/** The case files of all folders, or of those selected, sorted; throws ConfigError. */
export async function listCaseFiles(
  directory: string,
  isAsked: (folder: string) => boolean = () => true,
): Promise<readonly string[]> {
  const problems: Problem[] = [];
  const files: string[] = [];
  for (const folder of (await listPolicyFolders(directory)).filter(isAsked)) {
    for (const { name, isFolder, isOdd } of await list(join(directory, folder))) {
      if (isFolder || isOdd || !casesPattern.test(name)) continue;
      const place = join(directory, folder, name);
      if (!name.startsWith('.')) files.push(place);
      else problems.push(fileProblem(place, 'stray-file', `"${name}" is hidden: it is not read`));
    }
  }
  if (files.length > filesMax) {
    problems.push(fileProblem(directory, 'too-many-files', `more than ${filesMax} files of cases`));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return files;
}

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
  /** A pipe, socket or device, which may block the reader for ever. */
  readonly isOdd: boolean;
}

/** Entries sorted by name, links followed; hidden ones only if they look like policies. */
async function list(directory: string): Promise<readonly Entry[]> {
  const names = await readdir(directory).catch((error: unknown) => {
    throw unreadable(directory, 'policies here', error);
  });
  const shown = names.filter((name) => !isHidden(name)).sort();
  return await Promise.all(shown.map((name) => toEntry(directory, name)));
}

async function toEntry(directory: string, name: string): Promise<Entry> {
  const place = join(directory, name);
  try {
    const found = await stat(place);
    const isFolder = found.isDirectory();
    return { name, isFolder, isOdd: !isFolder && !found.isFile() };
  } catch (error) {
    // A dangling link is named in the error, since its folder exists.
    throw unreadable(place, 'file', error);
  }
}

const unreadable = (place: string, what: string, error: unknown): ConfigError =>
  new ConfigError([
    fileProblem(place, 'file-missing', `cannot read the ${what} (${systemCode(error)})`),
  ]);

/**
 * Skips `.gitkeep` and the `..data` folders of mounted volumes; `.hr.yaml` would be a lost policy.
 */
const isHidden = (name: string): boolean => name.startsWith('.') && !/\.ya?ml$/i.test(name);
