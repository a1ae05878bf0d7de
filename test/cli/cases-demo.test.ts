/** The cases that ship with the demo: they pass, and a change of any rule makes one of them fail. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { type Files, runCommand } from './run-command.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const shipped: Files = {
  'gateway.yaml': readFileSync(join(root, 'gateway.yaml'), 'utf8').replaceAll(
    'subgraphs/',
    `${root}subgraphs/`,
  ),
  ...Object.fromEntries(
    readdirSync(join(root, 'policies'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:yaml|txt)$/.test(name))
      .map((name) => [`policies/${name}`, readFileSync(join(root, 'policies', name), 'utf8')]),
  ),
};

async function run(files: Files) {
  const { code, stdout, stderr } = await runCommand(['test', '--json'], files);
  const said: { cases: { name: string; file: string; ok: boolean }[] } = JSON.parse(stdout);
  return { code, stderr, cases: said.cases };
}

test('they pass', async () => {
  const { code, cases } = await run(shipped);
  expect(cases.filter(({ ok }) => !ok)).toEqual([]);
  expect(code).toBe(0);
  const names = ['accounts', 'hr', 'payroll', 'default'];
  const files = [...new Set(cases.map(({ file }) => file.replace(/^.*\//, '')))];
  expect(files).toEqual(names.map((name) => `${name}.cases.yaml`));
});

interface Rule {
  readonly name: string;
  readonly allow?: unknown;
  readonly forbid?: true;
  readonly otherwise?: readonly unknown[];
}

/** What might happen to a rule, by a slip or a merge. */
const changes: Readonly<Record<string, (rule: Rule) => Rule | undefined>> = {
  'opened to everybody who signs in': (rule) =>
    rule.forbid ? undefined : { ...rule, allow: 'authenticated' },
  'open to nobody': (rule) =>
    rule.forbid ? undefined : { ...rule, allow: { scopes: ['nobody'] } },
  'no longer forbidden': ({ forbid, ...rule }) => forbid && { ...rule, allow: 'authenticated' },
  'without its masks': ({ otherwise, ...rule }) => otherwise && rule,
  'with a mask for everybody': (rule) =>
    rule.otherwise && { ...rule, otherwise: [{ mask: 'redact', allow: 'authenticated' }, 'deny'] },
  'without the roles beside an expression': (rule) => {
    const text = JSON.stringify(rule);
    const changed = text.replaceAll(/\{"roles":\[[^\]]*\]\},/g, '');
    return changed === text ? undefined : JSON.parse(changed);
  },
};

/**
 * What is reached by one way alone, which has a rule of its own with the same grant: a session by
 * signing in, what pay and accounts are by who has them, and what is written of a job by the change.
 */
const unseen = new Set([
  'sessions opened to everybody who signs in',
  'pay-details opened to everybody who signs in',
  'update-jobs opened to everybody who signs in',
  'pay-details without the roles beside an expression',
  'banking-details without the roles beside an expression',
]);

/** Detections ask no rule of access. */
const ofAccess: Files = Object.fromEntries(
  Object.entries(shipped).filter(([name]) => name !== 'policies/detect/default.cases.yaml'),
);

const mutants = ['accounts', 'hr', 'payroll'].flatMap((name) => {
  const file = `policies/access/${name}.yaml`;
  const rules: readonly Rule[] = parse(shipped[file] ?? '').rules;
  return rules.flatMap((rule, index) =>
    Object.entries(changes).flatMap(([change, toChanged]) => {
      const changed = toChanged(rule);
      if (changed === undefined || unseen.has(`${rule.name} ${change}`)) return [];
      const text = JSON.stringify({ version: 1, rules: rules.with(index, changed) });
      return [{ rule: rule.name, change, files: { ...ofAccess, [file]: text } }];
    }),
  );
});

test('there are enough of them', () => {
  expect(mutants.length).toBeGreaterThanOrEqual(30);
});

test.each(mutants)('$rule $change: a case fails', async ({ files }) => {
  const { code, cases } = await run(files);
  expect(code).toBe(1);
  expect(cases.some(({ ok }) => !ok)).toBe(true);
});
