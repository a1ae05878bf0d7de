/** Folders that are made with those above them, and places where none can be. */
import { mkdtemp, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { makeFolder } from '../../gateway/files/make-folder.ts';

const here = await mkdtemp(join(tmpdir(), 'make-folder-'));

it('makes what is missing, and says where it began', async () => {
  const folder = join(here, 'a', 'b', 'c');
  expect(await makeFolder(folder, 0o700)).toBe(join(here, 'a'));
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect(await makeFolder(folder)).toBeUndefined();
});

it('makes one for two that ask at once', async () => {
  const folder = join(here, 'd', 'e');
  await Promise.all([makeFolder(folder), makeFolder(folder)]);
  expect((await stat(folder)).isDirectory()).toBe(true);
});

it('ends where a file stands, and where there can be no folder', async () => {
  const file = join(here, 'file');
  await writeFile(file, '');
  await expect(makeFolder(file)).rejects.toThrow('EEXIST');
  await expect(makeFolder(join(file, 'below'))).rejects.toThrow('ENOTDIR');
  await expect(makeFolder('/proc/nothing/here')).rejects.toThrow(/^E[A-Z]+: /);
});
