/**
 * Reads the body of a GraphQL upstream's answer: each root field by its schema, and the errors that
 * the upstream reports as failures in their places. None of the upstream's error text survives.
 * Fails closed: a body that does not fit fails every root field it was asked for.
 */
import type { UpstreamAnswer } from '../delegate/upstream.ts';
import { UpstreamFailure } from '../errors.ts';
import { errorsMax, isPath, type Path, parseBody } from '../graph/graphql-body.ts';
import { ownValue } from '../graph/upstream-value.ts';
import { type Decode, partOf, type Reading, type Selection } from './program.ts';

/** A root field of one request, by its key in the answer. */
export interface AskedRoot {
  readonly sent: string;
  readonly decode: Decode;
  /** Null is not accepted. */
  readonly required: boolean;
  readonly selection: Selection | undefined;
  /** How many lists wrap the value. */
  readonly listDepth: number;
}

/** The values of one request's root fields. */
export interface ReadRoots {
  /** By `sent`: a value, null, or an Error. */
  readonly values: Record<string, unknown>;
  /** Whether any value is, or contains, an Error. */
  readonly failed: boolean;
}

/** Never throws: a value that does not fit is replaced by an UpstreamFailure. */
export function readGraphql(
  upstream: string,
  roots: readonly AskedRoot[],
  answer: UpstreamAnswer,
): ReadRoots {
  const fail = (why: string): UpstreamFailure => new UpstreamFailure({ upstream, why });
  const body = parseBody(answer);
  if (body === undefined) {
    const isOk = answer.status >= 200 && answer.status < 300;
    return failAll(roots, fail(isOk ? 'answer is not GraphQL' : `status ${answer.status}`));
  }
  const reading: Reading = { mismatches: 0, nulled: 0 };
  const values: Record<string, unknown> = {};
  let failed = false;
  for (const root of roots) {
    const value = body.data === undefined ? null : readRoot(root, body.data, reading, fail);
    values[root.sent] = value;
    failed ||= value instanceof Error;
  }
  if (reading.mismatches > errorsMax) {
    return failAll(roots, fail('answer does not fit the schema in too many places'));
  }
  if (body.errors.length > 0) {
    const reported = fail('reported an error');
    const isMissing = ({ sent }: AskedRoot) =>
      values[sent] === null || values[sent] instanceof Error;
    // Taken before errors are placed, so that it reflects the answer as read.
    const missing = roots.filter(isMissing);
    const homeless = missing.length > 0 ? missing : roots.slice(0, 1);
    for (const entry of body.errors.slice(0, errorsMax)) {
      place({ roots, homeless, values }, entry, reported);
      failed = true;
    }
  }
  return { values, failed: failed || reading.nulled > 0 };
}

/** Gives the same failure to every root field. */
export function failAll(roots: readonly AskedRoot[], failure: Error): ReadRoots {
  return { values: Object.fromEntries(roots.map(({ sent }) => [sent, failure])), failed: true };
}

function readRoot(
  { sent, decode, required }: AskedRoot,
  data: Readonly<Record<string, unknown>>,
  reading: Reading,
  fail: (why: string) => UpstreamFailure,
): unknown {
  const raw = ownValue(data, sent);
  if (raw === undefined || (raw === null && required)) {
    reading.mismatches += 1;
    return fail('answer does not fit the schema');
  }
  return decode(raw, reading);
}

/**
 * Places an error at its path as far as the data goes, else at the root fields that are missing.
 */
function place(
  {
    roots,
    homeless,
    values,
  }: {
    roots: readonly AskedRoot[];
    homeless: readonly AskedRoot[];
    values: Record<string, unknown>;
  },
  entry: unknown,
  failure: UpstreamFailure,
): void {
  const path = ownValue(entry, 'path');
  const root = isPath(path) ? roots.find(({ sent }) => sent === path[0]) : undefined;
  if (root !== undefined) {
    placeAt(values, root, path as Path, failure);
    return;
  }
  for (const { sent } of homeless) {
    if (!(values[sent] instanceof Error)) values[sent] = failure;
  }
}

function placeAt(
  values: Record<string, unknown>,
  root: AskedRoot,
  path: Path,
  failure: UpstreamFailure,
): void {
  let holder: object = values;
  let key: string | number = root.sent;
  let { selection, listDepth } = root;
  for (const part of path.slice(1)) {
    const value: unknown = Reflect.get(holder, key);
    if (value instanceof Error) return;
    if (typeof value !== 'object' || value === null) break;
    if (Array.isArray(value)) {
      const isThere = typeof part === 'number' && part >= 0 && part < value.length;
      // Items of a structured scalar have no places of their own.
      if (!isThere || listDepth === 0) break;
      listDepth -= 1;
      holder = value;
      key = part;
      continue;
    }
    const object = value as Record<string, unknown>;
    const found = selection && partOf(selection, object)?.fields.find(({ sent }) => sent === part);
    if (found === undefined) break;
    holder = object;
    key = found.rawKey;
    selection = found.selection;
    listDepth = found.listDepth;
  }
  if (!(Reflect.get(holder, key) instanceof Error)) Reflect.set(holder, key, failure);
}
