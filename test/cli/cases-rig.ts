/** Runs `fieldgate test` over cases of a test's own. */
import { expect, test } from 'vitest';
import { writeFiles } from '../support/config-files.ts';
import { type Files, people, peopleWith, runIn } from './run-command.ts';

export interface GivenCase {
  readonly name?: string;
  readonly as?: unknown;
  readonly query: string;
  readonly variables?: object;
  readonly operation?: string;
  readonly expect: Readonly<Record<string, string>>;
}

export interface SaidProblem {
  readonly coordinate: string;
  readonly expected: string;
  readonly found: string;
  readonly leadsTo?: string;
  readonly refused?: { reason: string; detail: string };
  readonly because?: { coordinate: string };
  readonly rule?: { name: string; line: number };
  readonly missing?: readonly { condition: string; rule: { name: string } }[];
  readonly line: number;
  readonly column: number;
}

export const casesFile = 'policies/access/people.cases.yaml';

/** JSON is YAML. */
export const toYaml = (cases: readonly GivenCase[]): string =>
  JSON.stringify(
    { cases: cases.map((one, index) => ({ name: `case ${index}`, ...one })) },
    null,
    1,
  );

export const withCases = (text: string, files: Files = people): Files => ({
  ...files,
  [casesFile]: text,
});

/** One case: the exit code, and what is not as expected. */
export async function judged(one: GivenCase, files: Files = people) {
  return judgedIn(await writeFiles(withCases(toYaml([one]), files)));
}

/** The same where the files are there. */
export async function judgedIn(directory: string) {
  const ran = await runIn(directory, ['test', '--json']);
  const said = JSON.parse(ran.stdout);
  const problems: readonly SaidProblem[] = said.cases?.[0]?.problems ?? [];
  return { ...ran, said, problems, lines: problems.map(toLine) };
}

/** `Person.iban: allow, deny by banking; missing scopes pay:read` */
function toLine({ coordinate, expected, found, ...one }: SaidProblem): string {
  const parts = [
    one.leadsTo && `for ${one.leadsTo}`,
    one.refused && `whole ${one.refused.reason}`,
    one.because && `because ${one.because.coordinate}`,
    one.rule && `by ${one.rule.name}`,
    ...(one.missing ?? []).map(({ condition }) => `missing ${condition}`),
  ];
  return [`${coordinate}: ${expected}, ${found}`, ...parts.filter(Boolean)].join('; ');
}

export const callers = {
  reader: { scopes: ['people:read'] },
  masked: { scopes: ['people:read', 'pay:masked'] },
  payroll: { scopes: ['people:read', 'pay:read'] },
  editor: { scopes: ['people:read'], roles: ['editor'] },
  tagged: { scopes: ['people:read', 'tags:read'] },
};

export const access = 'policies/access/people.yaml';

/** One rule more, over rules that may be changed. */
export const withRule = (fields: string, allow: string, change = (text: string) => text): Files =>
  peopleWith({
    [access]: (text) =>
      `${change(text)}  - { name: more, fields: { ${fields} }, allow: ${allow} }\n`,
  });

/** One case, and what of it fails; where that is nothing it passes. */
export interface Row extends GivenCase {
  readonly name: string;
  readonly files?: Files;
  /** What fails; none: the case passes. */
  readonly fails?: readonly string[];
}

/** A table of them as tests. */
export function testRows(rows: readonly Row[]): void {
  test.each(rows)('$name', async ({ fails = [], files, ...one }) => {
    const { code, stderr, lines } = await judged(one, files);
    expect({ stderr, lines }).toEqual({ stderr: '', lines: fails });
    expect(code).toBe(fails.length === 0 ? 0 : 1);
  });
}
