/** A pinned schema that is replaced: whole or not at all, and for those alone who could read it before. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { replaceFile } from '../../gateway/delegate/replace-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldgate-replace-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('keeps the mode of the file', async () => {
  const file = join(folder, 'staff.graphql');
  await writeFile(file, 'old', { mode: 0o600 });
  await replaceFile(file, 'new');
  expect(await readFile(file, 'utf8')).toBe('new');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

it('leaves nothing behind where the file cannot be replaced', async () => {
  const file = join(folder, 'staff.graphql');
  await mkdir(file);
  await expect(replaceFile(file, 'new')).rejects.toThrow();
  expect(await readdir(folder)).toEqual(['staff.graphql']);
});
