/** Runs `fieldgate diff` from one set of files to another. */
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeFiles } from '../support/config-files.ts';
import { type Files, people, peopleWith, runIn } from './run-command.ts';

export const access = 'policies/access/people.yaml';

/** Files with some texts of the access rules, the description of pay, or another file replaced. */
export function changed(file: string, ...swaps: readonly (readonly [string, string])[]): Files {
  return peopleWith({ [file]: (text) => swap(text, swaps) });
}

export function swap(text: string, swaps: readonly (readonly [string, string])[]): string {
  return swaps.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`there is no ${from}`);
    return before.replace(from, to);
  }, text);
}

/** One rule more. */
export const withMore = (rule: string): Files =>
  peopleWith({ [access]: (text) => `${text}  - ${rule}\n` });

interface SaidShown {
  readonly verdict: string;
  readonly mask?: string;
  readonly plainAlone?: true;
  readonly rule?: { readonly name: string; readonly file: string };
}

interface SaidChanges {
  readonly settings: readonly { setting: string; was: string; is: string }[];
  readonly coordinates: readonly {
    coordinate: string;
    was?: SaidShown;
    is?: SaidShown;
    caller?: readonly string[];
    path?: string;
  }[];
}

/** The exit code, and each change in a line. */
export async function compared(base: Files, files: Files, ...args: string[]) {
  const [old, now] = [await writeFiles(base), await writeFiles(files)];
  const ran = await runIn(now, ['diff', old, '--json', ...args]);
  if (ran.code === 2) throw new Error(ran.stderr + ran.stdout);
  const { widens, narrows } = JSON.parse(ran.stdout);
  const lines = [...toLines('widens', widens), ...toLines('narrows', narrows)];
  return { ...ran, lines, base: join(old), widens: widens as SaidChanges };
}

function toLines(what: string, { settings, coordinates }: SaidChanges): string[] {
  return [
    ...settings.map(({ setting, was, is }) => `${what} ${setting}: ${was}, now ${is}`),
    ...coordinates.map(({ coordinate, was, is, caller = [] }) => {
      if (was === undefined || is === undefined) return `${what} ${coordinate}: cannot tell`;
      return `${what} ${coordinate}: ${toWord(was)}, now ${toWord(is)} for ${caller.join(' and ')}`;
    }),
  ];
}

const toWord = ({ verdict, mask, plainAlone }: SaidShown): string =>
  plainAlone ? `${verdict} plain` : [verdict, ...(mask ? [mask] : [])].join(' ');

/** From one set of files to another, which of the people's unless told, and what is said of it. */
export interface Row {
  readonly name: string;
  readonly base?: Files;
  readonly files?: Files;
  readonly lines: readonly string[];
}

/** A table of them as tests; back again what widened narrows, where `back` says how. */
export function testRows(rows: readonly Row[]): void {
  test.each(rows)('$name', async ({ base = people, files = people, lines }) => {
    const found = await compared(base, files);
    expect(found.lines).toEqual(lines);
    expect(found.code).toBe(lines.some((line) => line.startsWith('widens')) ? 1 : 0);
  });
}

/** As written there and back, with what each widens and narrows. */
export function bothWays(
  name: string,
  [base, files]: readonly [Files, Files],
  texts: readonly [string, string, string],
): Row[] {
  const [setting, was, is] = texts;
  return [
    { name, base, files, lines: [`widens ${setting}: ${was}, now ${is}`] },
    {
      name: `${name}, back`,
      base: files,
      files: base,
      lines: [`narrows ${setting}: ${is}, now ${was}`],
    },
  ];
}
