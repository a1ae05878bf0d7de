/** Runs `fieldgate matrix` over the shared files with access rules of a test's own. */
import { expect } from 'vitest';
import type { Cell } from '../../gateway/cli/matrix/matrix-cells.ts';
import type { Matrix } from '../../gateway/cli/matrix/matrix-said.ts';
import { type Files, peopleWith, runCommand } from './run-command.ts';

export const access = 'policies/access/people.yaml';

/** `rules` are the items of the file's list. */
export const withRules = (rules: string, files: Files = {}): Files => ({
  ...peopleWith({ [access]: () => `version: 1\nrules:\n${rules}` }),
  ...files,
});

export const withAnonymous = (files: Files): Files => ({
  ...files,
  'gateway.yaml':
    files['gateway.yaml']?.replace('identity:\n', 'identity:\n  anonymous: allow\n') ?? '',
});

export async function matrixOf(files: Files, args: readonly string[] = []): Promise<Matrix> {
  const { code, stdout, stderr } = await runCommand(['matrix', '--json', ...args], files);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout);
}

export function cellOf({ rows, callers }: Matrix, coordinate: string, caller: string): Cell {
  const column = callers.findIndex(({ name }) => name === caller);
  const cell = rows.find((row) => row.coordinate === coordinate)?.cells[column];
  if (cell === undefined) {
    const names = callers.map(({ name }) => name).join('; ');
    throw new Error(`no cell of ${coordinate} for ${caller}; there are ${names}`);
  }
  return cell;
}

/** `allow`, `mask last4`, `deny + allow: from network office` */
export function sayCell({
  verdict,
  mask,
  only = [],
}: Pick<Cell, 'verdict' | 'mask' | 'only'>): string {
  const there = only.map((one) => ` + ${one.verdict}: ${one.assumes.join(', ')}`);
  return `${verdict}${mask === undefined ? '' : ` ${mask}`}${there.join('')}`;
}

/** Each row as its cells by caller, for whole tables. */
export const tableOf = ({ rows, callers }: Matrix): Record<string, Record<string, string>> =>
  Object.fromEntries(
    rows.map(({ coordinate, cells }) => [
      coordinate,
      Object.fromEntries(
        callers.map(({ name }, index) => [name, sayCell(cells[index] ?? { verdict: 'hidden' })]),
      ),
    ]),
  );

/** Two lists of addresses, and a database of countries; neither is read. */
export const office = {
  'policies/network/lists.yaml':
    'version: 1\nlists: { office: { file: o.txt }, vpn: { file: v.txt } }\nregions: { database: c.mmdb }\n',
};

/** A way to people that everybody has who is known. */
export const open =
  '  - { name: open, fields: { Query: [people], Person: [id] }, allow: authenticated }\n';
/** One classified field behind it. */
export const pay = (rule: string) =>
  withRules(
    `${open}  - { name: pay, class: pay, fields: { Person: [salary] }, ${rule} }\n`,
    office,
  );
/** The name of somebody who is known and has nothing. */
export const known = 'known, with nothing';

/** A way to people that one scope has. */
export const directory =
  '  - { name: directory, fields: { Query: [people, person], Person: [id, boss] }, allow: { scopes: [people] } }\n';
/** One classified field, in front of which the directory stands. */
export const salary = (rule: string, more = '', files: Files = {}): Files =>
  withRules(
    `${directory}  - { name: pay, class: pay, fields: { Person: [salary] }, ${rule} }\n${more}`,
    files,
  );
