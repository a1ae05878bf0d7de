/** What is kept of the program's files so that a command begins sooner, and where it cannot be kept. */
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

/** An installation of its own: the program's files, and packages that are those of this one. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldgate-install-'));
  const here = join(import.meta.dirname, '../..');
  await cp(join(here, 'gateway'), join(folder, 'gateway'), { recursive: true });
  await cp(join(here, 'package.json'), join(folder, 'package.json'));
  await mkdir(join(folder, 'node_modules'));
  for (const name of await readdir(join(here, 'node_modules'))) {
    if (name.startsWith('.')) continue;
    await symlink(join(here, 'node_modules', name), join(folder, 'node_modules', name));
  }
}, 120_000);
beforeEach(() => rm(join(folder, 'node_modules/.cache'), { recursive: true, force: true }));
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A command that loads little. */
const sayVersion = () => {
  const args = [join(folder, 'gateway/main.ts'), '--version'];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
};
const said = { status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/), stderr: '' };

it('keeps what V8 made of its files beside the packages', async () => {
  expect(sayVersion()).toMatchObject(said);
  const [version = ''] = await readdir(join(folder, 'node_modules/.cache/fieldgate'));
  const kept = await readdir(join(folder, 'node_modules/.cache/fieldgate', version));
  // And not only of what is imported once the cache is there.
  expect(kept.length).toBeGreaterThan(30);
  expect(sayVersion()).toMatchObject(said);
});

it('says nothing, and does as it should, where nothing can be kept', async () => {
  await writeFile(join(folder, 'node_modules/.cache'), 'in its way');
  expect(sayVersion()).toMatchObject(said);
});

it('takes a file as it is now, not as it was kept', async () => {
  expect(sayVersion()).toMatchObject(said);
  const changed = join(folder, 'gateway/cli/command-line.ts');
  await writeFile(changed, "export const parseCommand = () => (process.stdout.write('new'), 0);\n");
  expect(sayVersion()).toMatchObject({ status: 0, stdout: 'new' });
});

it('says what it lacks, and not yes, where a part of it is missing', async () => {
  const changed = join(folder, 'gateway/cli/command-line.ts');
  await writeFile(changed, "export { parseCommand } from 'no-such-package';\n");
  expect(sayVersion()).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('no-such-package'),
  });
});
