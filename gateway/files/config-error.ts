/**
 * Problems in the operator's files, all reported at once, each with its position.
 *
 * A gateway that meets one does not start, or keeps the previous content. `code` and `path` are
 * stable and asserted by tests; `message` is for people and says what would be right. No message
 * repeats a value, because it may be a secret from the environment.
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
  /** From 1; also 1 if the problem is the file itself. */
  readonly line: number;
  readonly column: number;
  /** `rules[0].fields.Employee`; empty for the whole document. */
  readonly path: string;
  readonly code: ProblemCode;
  readonly message: string;
}

/** Most problems spelled out in one error message; the rest are only counted. */
const linesShown = 100;

/** Invalid files. `message` holds one `file:line:column: text` line per problem. */
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

/** Formats `['operations', 'Query.a', 0]` as `operations["Query.a"][0]`. */
export function formatPath(path: Path): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else if (!/^[\w-]+$/.test(step)) text += `[${JSON.stringify(step)}]`;
    else text += text === '' ? step : `.${step}`;
  }
  return text;
}
