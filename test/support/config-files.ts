/**
 * Files for tests of what operators write. In a text, `▸` marks where a problem is expected: the
 * mark is taken out and its line and column are what the reader has to report.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '../../gateway/files/config-error.ts';
import { tempFolder } from './temp-folder.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

const mark = '▸';

export function readMarks(marked: string): { text: string; places: Place[] } {
  const parts = marked.split(mark);
  let before = '';
  const places = parts.slice(0, -1).map((part): Place => {
    before += part;
    const lines = before.split('\n');
    return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
  });
  return { text: parts.join(''), places };
}

/** Writes files under a new directory that goes with the test; marks are taken out. */
export async function writeFiles(files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await tempFolder();
  for (const [name, marked] of Object.entries(files)) {
    await mkdir(dirname(join(directory, name)), { recursive: true });
    await writeFile(join(directory, name), readMarks(marked).text);
  }
  return directory;
}

export interface Met extends Place {
  readonly code: string;
  readonly path: string;
}

/** The problems a load ends in; a load that ends well, or in another error, fails the test. */
export async function problemsOf(load: () => Promise<unknown>): Promise<Met[]> {
  try {
    await load();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ code, line, column, path }) => ({ code, line, column, path }));
  }
  throw new Error('the files were accepted');
}
