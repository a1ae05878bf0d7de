/** What stands where policies are read and cannot be: a pipe holds nobody up, a link that leads nowhere is named. */
import { execFileSync } from 'node:child_process';
import { constants } from 'node:fs';
import { open, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ConfigError } from '../../gateway/files/config-error.ts';
import { readFileVersion } from '../../gateway/files/read-file.ts';
import { loadPolicies } from '../../gateway/snapshot/load.ts';
import { writeFiles } from '../support/config-files.ts';

const rules = 'version: 1\nrules:\n  - { name: a, fields: { Query: [a] }, allow: everyone }\n';

async function refusal(load: () => Promise<unknown>): Promise<[string, string][]> {
  const error = await load().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConfigError);
  return (error as ConfigError).problems.map(({ file, code }) => [file, code]);
}

/** A pipe that nobody writes to: whoever opens it to read waits, and keeps its process from ending. */
function makePipe(file: string): void {
  execFileSync('mkfifo', [file]);
  onTestFinished(async () => {
    const end = await open(file, constants.O_RDWR | constants.O_NONBLOCK);
    await end.close();
  });
}

test('a pipe among the policies is refused, not waited for', async () => {
  const directory = await writeFiles({ 'access/hr.yaml': rules });
  const pipe = join(directory, 'access/pay.yaml');
  makePipe(pipe);
  expect(await refusal(() => loadPolicies(directory))).toEqual([[pipe, 'stray-file']]);
});

test('a pipe in the place of a watched file is refused, not waited for', async () => {
  const pipe = join(await writeFiles({}), 'blocked.txt');
  makePipe(pipe);
  const read = () => readFileVersion(pipe, { bytesMax: 1_000 });
  expect(await refusal(read)).toEqual([[pipe, 'file-missing']]);
});

test('a pipe in the place of a manifest is refused, not waited for', async () => {
  const directory = await writeFiles({
    'policies/access/hr.yaml': rules,
    'policies/limits/documents.yaml': 'version: 1\nmanifest: ../../trusted.json\n',
  });
  const pipe = join(directory, 'trusted.json');
  makePipe(pipe);
  const limits = join(directory, 'policies/limits/documents.yaml');
  expect(await refusal(() => loadPolicies(join(directory, 'policies')))).toEqual([
    [limits, 'file-missing'],
  ]);
});

test('a policy file that the system will not read is named', async () => {
  const directory = await writeFiles({ 'access/hr.yaml': rules });
  const link = join(directory, 'access/pay.yaml');
  await symlink('/proc/self/mem', link);
  expect(await refusal(() => loadPolicies(directory))).toEqual([[link, 'file-missing']]);
});

test('a link that leads nowhere is named, not its folder', async () => {
  const directory = await writeFiles({ 'access/hr.yaml': rules });
  const link = join(directory, 'access/pay.yaml');
  await symlink('../gone.yaml', link);
  expect(await refusal(() => loadPolicies(directory))).toEqual([[link, 'file-missing']]);
});
