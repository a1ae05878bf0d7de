/** The policies directory: which files are read, and that none is lost; the limits in it. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the cases are references as operators write them
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../gateway/files/config-error.ts';
import { defaultLimits } from '../../gateway/limits/limits.ts';
import { loadLimitPolicy } from '../../gateway/limits/limits-file.ts';
import { loadAll, loadPolicies } from '../../gateway/snapshot/load.ts';
import { digestPolicies } from '../../gateway/snapshot/policy-digest.ts';
import { problemsOf, readMarks, writeFiles } from '../support/config-files.ts';

const rule = (name: string) =>
  `version: 1\nrules:\n  - { name: ${name}, fields: { Query: [a] }, allow: everyone }\n`;

const layouts: { name: string; given: Record<string, string>; expect: [string, string][] }[] = [
  {
    name: 'a rule file with a slip in its extension',
    given: { 'access/hr.yaml': rule('a'), 'access/pay.yamll': rule('b') },
    expect: [['access/pay.yamll', 'stray-file']],
  },
  {
    name: 'an extension in capitals',
    given: { 'access/hr.YAML': rule('a') },
    expect: [['access/hr.YAML', 'stray-file']],
  },
  {
    name: 'a hidden rule file',
    given: { 'access/.hr.yaml': rule('a') },
    expect: [['access/.hr.yaml', 'stray-file']],
  },
  {
    name: 'a folder in a folder',
    given: { 'access/hr/a.yaml': rule('a') },
    expect: [['access/hr', 'stray-file']],
  },
  {
    name: 'rules outside of the folders',
    given: { 'access/a.md': '', 'hr.yaml': rule('a') },
    expect: [['hr.yaml', 'stray-file']],
  },
  {
    name: 'a misspelt folder',
    given: { 'access/a.md': '', 'acess/hr.yaml': rule('a') },
    expect: [['acess', 'stray-file']],
  },
  {
    name: 'no access folder',
    given: { 'limits/a.md': '' },
    expect: [['', 'file-missing']],
  },
  {
    name: 'problems of several folders',
    given: {
      'access/a.yaml': 'version: 2\nrules: []\n',
      'access/b.yaml': 'version: 1\n',
      'limits/a.yaml': 'version: 1\nlimits: { depth: 0 }\n',
    },
    expect: [
      ['access/a.yaml', 'wrong-value'],
      ['access/b.yaml', 'missing-key'],
      ['limits/a.yaml', 'out-of-range'],
    ],
  },
];

test.each(layouts)('refuses $name', async ({ given, expect: wanted }) => {
  const directory = await writeFiles(given);
  const error = await loadPolicies(directory).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ConfigError);
  const { problems } = error as ConfigError;
  expect(problems.map(({ file, code }) => [relative(directory, file), code])).toEqual(wanted);
});

test('a missing policies directory is one problem', async () => {
  const directory = await writeFiles({});
  const met = await problemsOf(() => loadPolicies(join(directory, 'policies')));
  expect(met).toMatchObject([{ code: 'file-missing' }]);
});

test('reads .yaml and .yml in order of their names, and neither cases nor notes', async () => {
  const directory = await writeFiles({
    'access/b.yml': rule('b'),
    'access/a.yaml': rule('a'),
    'access/a.cases.yaml': 'cases: []\n',
    'access/README.md': '# Access\n',
    'access/.gitkeep': '',
    'rates/README.md': '# Later\n',
  });
  const { rules, limits } = await loadPolicies(directory);
  expect(rules.map(({ name }) => name)).toEqual(['a', 'b']);
  expect(limits).toEqual(defaultLimits);
});

test('reads the linked files of a mounted volume', async () => {
  const directory = await writeFiles({ 'access/..data/hr.yaml': rule('a') });
  await mkdir(join(directory, 'limits'));
  await symlink('..data/hr.yaml', join(directory, 'access/hr.yaml'));
  const { rules } = await loadPolicies(directory);
  expect(rules.map(({ name }) => name)).toEqual(['a']);
});

test('loads configuration and policies together', async () => {
  const directory = await writeFiles({
    'gateway.yaml':
      'version: 1\nupstreams: { a: { graphql: a, url: "http://a" } }\nidentity: { anonymous: allow }\n',
    'policies/access/a.yaml': rule('a'),
    'policies/limits/a.yaml': 'version: 1\nlimits: { depth: 3 }\n',
  });
  const { config, policies } = await loadAll(join(directory, 'gateway.yaml'), { env: {} });
  expect(config.policies).toBe(join(directory, 'policies'));
  expect(policies.rules).toHaveLength(1);
  expect(policies.limits.depth).toBe(3);
});

test('limits keep their defaults where nothing is said', async () => {
  const directory = await writeFiles({
    'limits/a.yaml': 'version: 1\nlimits: { bodyBytes: 2048 }\ndocuments: any\n',
    'limits/b.yaml': 'version: 1\nlimits: { tokens: 50, fields: 7, timeoutMs: 9 }\n',
  });
  const { limits } = await loadLimitPolicy(directory);
  const set = { bodyBytes: 2048, tokens: 50, fields: 7, timeoutMs: 9 };
  expect(limits).toMatchObject({ ...defaultLimits, ...set });
  expect(Object.isFrozen(limits)).toBe(true);
});

const v = 'version: 1\n';
const wrongLimits: { name: string; given: string; expect: [string, string][] }[] = [
  ...['0', '-1', '1000000000'].map((value) => ({
    name: `a depth of ${value}`,
    given: `${v}limits: { depth: ▸${value} }\n`,
    expect: [['out-of-range', 'limits.depth']] as [string, string][],
  })),
  ...['"10"', '1.5', 'none', '~', '${DEPTH}'].map((value) => ({
    name: `a depth of ${value}`,
    given: `${v}limits:\n  depth: ▸${value}\n`,
    expect: [['wrong-type', 'limits.depth']] as [string, string][],
  })),
  {
    name: 'other documents',
    given: `${v}documents: ▸all\n`,
    expect: [['wrong-value', 'documents']],
  },
  {
    name: 'a misspelt limit',
    given: `${v}limits: { ▸token: 5 }\n`,
    expect: [['unknown-key', 'limits.token']],
  },
  { name: 'no version', given: '▸limits: {}\n', expect: [['missing-key', 'version']] },
];

test.each(wrongLimits)('refuses limits: $name', async ({ given, expect: wanted }) => {
  const { places } = readMarks(given);
  const directory = await writeFiles({ 'limits/default.yaml': given });
  const met = await problemsOf(() => loadLimitPolicy(directory));
  expect(met).toEqual(wanted.map(([code, path], index) => ({ code, path, ...places[index] })));
});

test('two files may not set one limit', async () => {
  const first = 'version: 1\nlimits: { depth: 5 }\n';
  const directory = await writeFiles({ 'limits/a.yaml': first, 'limits/b.yaml': first });
  const met = await problemsOf(() => loadLimitPolicy(directory));
  expect(met).toEqual([{ code: 'duplicate-name', path: 'limits.depth', line: 2, column: 11 }]);
});

/** Tells the files' digest; before it tells it for the `at`th time somebody writes a file. */
function changing(file: string, texts: Readonly<Record<number, string>>) {
  let asked = 0;
  return async (directory: string): Promise<string> => {
    asked += 1;
    const text = texts[asked];
    if (text !== undefined) await writeFile(file, text);
    return await digestPolicies(directory);
  };
}

test('policies that change while they are read are read anew, so that the digest is of what was read', async () => {
  const directory = await writeFiles({ 'access/a.yaml': rule('before') });
  const file = join(directory, 'access/a.yaml');
  const { rules, digest } = await loadPolicies(directory, changing(file, { 2: rule('after') }));
  expect(rules.map(({ name }) => name)).toEqual(['after']);
  expect(digest).toBe(await digestPolicies(directory));
});

test('policies that do not come to rest are not read', async () => {
  const directory = await writeFiles({ 'access/a.yaml': rule('before') });
  const file = join(directory, 'access/a.yaml');
  const texts = { 2: rule('b'), 4: rule('c'), 6: rule('d') };
  const met = await problemsOf(() => loadPolicies(directory, changing(file, texts)));
  expect(met).toMatchObject([{ code: 'conflict' }]);
});

test('policies that cannot be read because they change are read anew too', async () => {
  const directory = await writeFiles({ 'access/a.yaml': rule('before') });
  const file = join(directory, 'access/a.yaml');
  let told = 0;
  // Half of a file while it is read, none of it when it is looked at again.
  const digest = async (): Promise<string> => {
    told += 1;
    const now = await digestPolicies(directory);
    if (told === 1) await writeFile(file, 'version: 1\nrules:\n  - { na');
    if (told === 2) {
      await writeFile(file, rule('after'));
      throw Object.assign(new Error('gone'), { code: 'ENOENT' });
    }
    return now;
  };
  const { rules } = await loadPolicies(directory, digest);
  expect(rules.map(({ name }) => name)).toEqual(['after']);
});

describe('manifests of trusted documents', () => {
  const limits = 'version: 1\ndocuments: trusted\nmanifest: documents.json\n';

  test.each(['documents.json', '../../documents.json'])(
    'another text of %s is another set of policies',
    async (path) => {
      const directory = await writeFiles({
        'policies/access/a.yaml': rule('a'),
        'policies/limits/a.yaml': limits.replace('documents.json', path),
        'policies/limits/documents.json': '{ "a": "{ me }" }',
        'documents.json': '{ "a": "{ me }" }',
      });
      const policies = join(directory, 'policies');
      const before = await loadPolicies(policies);
      expect([...before.documents.manifest.byId.keys()]).toEqual(['a']);
      await writeFile(join(policies, 'limits', path), '{ "b": "{ me }" }');
      const after = await loadPolicies(policies);
      expect([...after.documents.manifest.byId.keys()]).toEqual(['b']);
      expect(after.digest).not.toBe(before.digest);
      await rm(join(policies, 'limits', path));
      expect(await digestPolicies(policies)).not.toBe(after.digest);
    },
  );
});
