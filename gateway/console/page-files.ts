/** The page's files, read once at start; no other file can be requested. */
import { readFile } from 'node:fs/promises';

export interface PageFile {
  readonly type: string;
  readonly text: string;
}

/** By the path after `/console/`; '' is the page. */
export type PageFiles = ReadonlyMap<string, PageFile>;

const style = 'text/css; charset=utf-8';
const script = 'text/javascript; charset=utf-8';
const types: Readonly<Record<string, string>> = {
  'index.html': 'text/html; charset=utf-8',
  'base.css': style,
  'console.css': style,
  'icon.svg': 'image/svg+xml; charset=utf-8',
  'console.js': script,
  'detail.js': script,
  'dom.js': script,
  'entry.js': script,
  'feed.js': script,
  'filter.js': script,
  'health.js': script,
  'panels.js': script,
  'readings.js': script,
  'rows.js': script,
  'trace.js': script,
  'words.js': script,
};

/** @param words explanations of the reasons, served as a file of their own */
export async function readPageFiles(words: object): Promise<PageFiles> {
  const files = new Map<string, PageFile>();
  for (const [name, type] of Object.entries(types)) {
    const text = await readFile(new URL(`page/${name}`, import.meta.url), 'utf8');
    files.set(name === 'index.html' ? '' : name, { type, text });
  }
  return files.set('reasons.json', { type: 'application/json', text: JSON.stringify(words) });
}
