/** What is kept of the program's files so that a command begins sooner, and where it cannot be kept. */
import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';

/** Each starts commands that load all of the program, some without what is kept. */
const patient = { timeout: 120_000 };

/** An installation of its own: the program's files, and packages that are those of this one. */
async function install(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldgate-install-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const here = join(import.meta.dirname, '../..');
  await cp(join(here, 'gateway'), join(folder, 'gateway'), { recursive: true });
  await cp(join(here, 'package.json'), join(folder, 'package.json'));
  await mkdir(join(folder, 'node_modules'));
  for (const name of await readdir(join(here, 'node_modules'))) {
    if (name.startsWith('.')) continue;
    await symlink(join(here, 'node_modules', name), join(folder, 'node_modules', name));
  }
  return folder;
}

/** Of a configuration that is not there, which is said in one line. */
const check = (folder: string) => {
  const args = [join(folder, 'gateway/main.ts'), 'check', '--config', join(folder, 'none.yaml')];
  return spawnSync(process.execPath, args, { encoding: 'utf8' });
};
const says = /^\S+none\.yaml:1:1: cannot read the file.*\n$/;

it('keeps what V8 made of its files beside the packages', patient, async () => {
  const folder = await install();
  expect(check(folder)).toMatchObject({ status: 2, stderr: expect.stringMatching(says) });
  const [version = ''] = await readdir(join(folder, 'node_modules/.cache/fieldgate'));
  const kept = await readdir(join(folder, 'node_modules/.cache/fieldgate', version));
  expect(kept.length).toBeGreaterThan(3);
  expect(check(folder)).toMatchObject({ status: 2, stderr: expect.stringMatching(says) });
});

it('says nothing, and does as it should, where nothing can be kept', patient, async () => {
  const folder = await install();
  await writeFile(join(folder, 'node_modules/.cache'), 'in its way');
  expect(check(folder)).toMatchObject({ status: 2, stderr: expect.stringMatching(says) });
});

it('takes a file as it is now, not as it was kept', patient, async () => {
  const folder = await install();
  check(folder);
  const changed = join(folder, 'gateway/cli/check.ts');
  await writeFile(changed, "export const runCheck = () => (process.stdout.write('new'), 0);\n");
  expect(check(folder)).toMatchObject({ status: 0, stdout: 'new' });
});
