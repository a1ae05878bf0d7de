/**
 * What is wrong with the files an operator wrote: every problem at once, each with its place.
 *
 * A gateway that meets one of these does not start (or keeps what it had). `code` and `path` are
 * stable and tests assert them; `message` is for people and says what would be right. No message
 * repeats a value, since a value may be a secret that came from the environment.
 */

import { printable } from './printable.ts';

export type ProblemCode =
  | 'anchor'
  | 'bad-variable'
  | 'conflict'
  | 'directive'
  | 'duplicate-key'
  | 'duplicate-name'
  | 'empty'
  | 'empty-condition'
  | 'file-encoding'
  | 'file-missing'
  | 'file-too-large'
  | 'forbidden-header'
  | 'missing-key'
  | 'misfit'
  | 'missing-variable'
  | 'negation'
  | 'not-supported'
  | 'out-of-range'
  | 'reserved-key'
  | 'stray-file'
  | 'tag'
  | 'too-deep'
  | 'too-many-files'
  | 'unknown-key'
  | 'unknown-name'
  | 'unsafe-algorithm'
  | 'unsafe-number'
  | 'unsafe-url'
  | 'wrong-format'
  | 'wrong-name'
  | 'wrong-type'
  | 'wrong-value'
  | 'yaml-syntax';

/** Keys and list indexes from the top of a document down to a node. */
export type Path = readonly (string | number)[];

export interface Problem {
  readonly file: string;
  /** Counted from 1; 1 where the problem is the file itself. */
  readonly line: number;
  readonly column: number;
  /** `rules[0].fields.Employee`; empty for the whole document. */
  readonly path: string;
  readonly code: ProblemCode;
  readonly message: string;
}

/** Problems that one error message spells out; the rest are counted. */
const linesShown = 100;

/** Bad files. `message` holds one `file:line:column: text` line per problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.slice(0, linesShown).map(toLine);
    if (problems.length > linesShown) lines.push(`and ${problems.length - linesShown} more`);
    super(lines.join('\n'));
    this.problems = problems;
  }
}

const toLine = (problem: Problem): string =>
  printable(`${problem.file}:${problem.line}:${problem.column}: ${problem.message}`);

/** A problem of a whole file or folder. */
export function fileProblem(file: string, code: ProblemCode, message: string): Problem {
  return { file, line: 1, column: 1, path: '', code, message };
}

/** `['operations', 'Query.a', 0]` as `operations["Query.a"][0]`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!/^[\w-]+$/.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}
