/**
 * Checks a YAML source against a zod schema and locates every problem at its line and column.
 * Problems of reading and of the schema are reported together.
 */
import type { z } from 'zod';
import {
  ConfigError,
  formatPath,
  type Path,
  type Problem,
  type ProblemCode,
} from './config-error.ts';
import { type Draft, toDraft } from './yaml-complaint.ts';
import type { Part, YamlSource } from './yaml-source.ts';

/** Returns the checked value; throws ConfigError with every problem of the file. */
export function checkYaml<S extends z.ZodType>(source: YamlSource, schema: S): z.output<S> {
  if (source.value === undefined) throw new ConfigError(source.problems);
  const first = run(source.value, schema);
  const numbers = source.untyped.filter((path) => wantsNumber(first.issues, path));
  const outcome = numbers.length === 0 ? first : run(withNumbers(source.value, numbers), schema);
  const refused = source.problems.map(({ path }) => path);
  const problems = outcome.issues
    .flatMap((issue) => toFindings(issue, [], outcome.drafts))
    // Refused nodes are absent from the value and reported already.
    .filter(({ path }) => !refused.some((done) => isWithin(formatPath(path), done)))
    .map((finding) => locate(source, finding));
  const all = [...source.problems, ...problems].sort(byPlace);
  if (all.length > 0 || !outcome.success) throw new ConfigError(all);
  return outcome.data;
}

const isWithin = (path: string, above: string): boolean =>
  above !== '' && path.startsWith(above) && /^($|[.[])/.test(path.slice(above.length));

const byPlace = (a: Problem, b: Problem): number => a.line - b.line || a.column - b.column;

interface Finding {
  readonly path: Path;
  readonly part: Part | undefined;
  readonly code: ProblemCode;
  readonly message: string;
}

type Run<T> = {
  issues: readonly z.core.$ZodIssue[];
  drafts: readonly Draft[];
} & ({ success: true; data: T } | { success: false });

/**
 * Zod exposes an issue's schema only to the error map, so drafts are made there and found by index.
 */
function run<S extends z.ZodType>(value: unknown, schema: S): Run<z.output<S>> {
  const drafts: Draft[] = [];
  const outcome = schema.safeParse(value, {
    error: (issue) => String(drafts.push(toDraft(issue)) - 1),
  });
  return outcome.success
    ? { success: true, data: outcome.data, issues: [], drafts }
    : { success: false, issues: outcome.error.issues, drafts };
}

function toFindings(
  issue: z.core.$ZodIssue,
  above: Path,
  drafts: readonly Draft[],
): readonly Finding[] {
  const path = [
    ...above,
    ...issue.path.map((step) => (typeof step === 'number' ? step : String(step))),
  ];
  const inside = issue.code === 'invalid_union' ? likelyBranch(issue.errors) : undefined;
  if (inside !== undefined) return inside.flatMap((deeper) => toFindings(deeper, path, drafts));
  if (issue.code === 'invalid_key' && issue.issues[0]?.code === 'custom') {
    const [about] = toFindings(issue.issues[0], path, drafts);
    if (about !== undefined) return [{ ...about, part: 'key' }];
  }
  const draft = drafts[Number(issue.message)];
  if (draft === undefined) throw new Error(`a schema words its own problem: ${issue.message}`);
  if (draft.keys === undefined) {
    // A custom check names the key itself.
    const named =
      draft.code === 'missing-key' && issue.code !== 'custom'
        ? `"${path.at(-1) ?? ''}" ${draft.message}`
        : draft.message;
    return [{ path, part: draft.part, code: draft.code, message: named }];
  }
  return [...draft.keys].map(([key, about]) => ({ path: [...path, key], part: 'key', ...about }));
}

/** The alternative whose outer form fits, so that only its parts are wrong. */
const likelyBranch = (branches: readonly (readonly z.core.$ZodIssue[])[]) =>
  branches.find((issues) =>
    issues.every(({ path, code }) => path.length > 0 || code === 'unrecognized_keys'),
  );

function locate(source: YamlSource, { path, part, code, message }: Finding): Problem {
  return source.problem({ path, code, message, ...(part === undefined ? {} : { part }) });
}

function wantsNumber(issues: readonly z.core.$ZodIssue[], path: Path): boolean {
  const here = formatPath(path);
  return issues.some(
    (issue) =>
      issue.code === 'invalid_type' &&
      (issue.expected === 'number' || issue.expected === 'int') &&
      formatPath(issue.path as (string | number)[]) === here,
  );
}

const decimal = /^(0|[1-9]\d{0,14})(\.\d{1,15})?$/;

/** A copy in which the texts at these paths are numbers, if they look like one. */
function withNumbers(value: unknown, paths: readonly Path[]): unknown {
  const copy: unknown = structuredClone(value);
  for (const path of paths) {
    const last = path.at(-1);
    let holder = copy;
    for (const step of path.slice(0, -1)) holder = Reflect.get(holder as object, step);
    const text: unknown = last === undefined ? undefined : Reflect.get(holder as object, last);
    if (typeof text === 'string' && last !== undefined && decimal.test(text)) {
      Reflect.set(holder as object, last, Number(text));
    }
  }
  return copy;
}
