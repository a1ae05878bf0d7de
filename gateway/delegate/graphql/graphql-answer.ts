/**
 * Reads the body of a GraphQL upstream as untrusted data: the document is executed again, over the
 * pinned schema, with the body's data as its root value.
 *
 * Unrequested data is dropped, wrong types and unknown enum values are failures, and no text of the
 * upstream appears in an error. Fails closed: a body that does not fit is a failure, and one that
 * does not fit in too many places is a failure as a whole.
 */
import {
  type DocumentNode,
  type ExecutionResult,
  executeSync,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  responsePathAsArray,
} from 'graphql';
import { UpstreamFailure } from '../../errors.ts';
import { errorsMax, isPath, type Path, parseBody } from '../../graph/graphql-body.ts';
import { listDepthOf } from '../../graph/list-depth.ts';
import { fitsType, ownValue } from '../../graph/upstream-value.ts';
import type { UpstreamAnswer } from '../upstream.ts';

/** The schema by which a response is read. */
export interface Reading {
  readonly schema: GraphQLSchema;
  /** Root fields that must not be null, as `Query.total`. */
  readonly required: ReadonlySet<string>;
  /** Maps a type name sent by the upstream to its name in `schema`. */
  readonly toPublic: (name: string) => string;
}

/** One operation delegated to an upstream. */
export interface Delegated extends Reading {
  readonly upstream: string;
  readonly document: DocumentNode;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** The result of a delegated operation, read from its response. */
export function readAnswer(delegated: Delegated, answer: UpstreamAnswer): ExecutionResult {
  const { upstream } = delegated;
  const body = parseBody(answer);
  if (body === undefined) {
    const isOk = answer.status >= 200 && answer.status < 300;
    const why = isOk ? 'answer is not GraphQL' : `status ${answer.status}`;
    return failEverywhere(delegated, new UpstreamFailure({ upstream, why }));
  }
  // Needed only to place errors: a response may have hundreds of thousands of leaves.
  const leaves: Leaves | undefined = body.errors.length > 0 ? new Map() : undefined;
  const read =
    body.data === undefined
      ? run(delegated, {}, () => null)
      : execute(delegated, body.data, leaves);
  if (read === undefined) {
    const why = 'answer does not fit the schema in too many places';
    return failEverywhere(delegated, new UpstreamFailure({ upstream, why }));
  }
  const errors = collectErrors(delegated, { read, leaves }, body.errors);
  return errors.length === 0 ? { data: read.data ?? null } : { data: read.data ?? null, errors };
}

/** The result with every root field null, each with the failure. */
export function failEverywhere(delegated: Delegated, failure: Error): ExecutionResult {
  const { data } = run(delegated, {}, () => null);
  const paths = Object.keys(data ?? {}).filter((key) => data?.[key] === null);
  return { data: data ?? null, errors: paths.map((key) => toError(failure, [key])) };
}

/**
 * List levels around the values of a leaf, by the path of its field, for values that are lists or
 * objects: deeper paths lie inside a leaf value, and an error placed there would be sent as part of
 * it.
 */
type Leaves = Map<string, number>;

/** Undefined if the data does not fit in more than `errorsMax` places. */
function execute(
  delegated: Delegated,
  data: object,
  leaves: Leaves | undefined,
): ExecutionResult | undefined {
  const { schema, upstream, toPublic } = delegated;
  let misfits = 0;
  // Already located, so that graphql-js creates no further error object for each place.
  const tooMany = toError(new UpstreamFailure({ upstream, why: 'too many misfits' }), []);
  const refuse = (): Error => {
    misfits += 1;
    if (misfits > errorsMax) return tooMany;
    return new UpstreamFailure({ upstream, why: 'answer does not fit the schema' });
  };
  const means = { schema, refuse, toPublic };
  const resolve: GraphQLFieldResolver<unknown, unknown> = (source, _args, _context, info) => {
    const sent = ownValue(source, String(info.path.key));
    // A requested field that is missing makes the response invalid, nullable or not.
    if (sent === undefined) return refuse();
    if (
      leaves !== undefined &&
      typeof sent === 'object' &&
      sent !== null &&
      isLeafType(getNamedType(info.returnType))
    ) {
      leaves.set(JSON.stringify(responsePathAsArray(info.path)), listDepthOf(info.returnType));
    }
    const isRequired = delegated.required.has(`${info.parentType.name}.${info.fieldName}`);
    return sent === null && isRequired ? refuse() : fitsType(sent, info.returnType, means);
  };
  const result = run(delegated, data, resolve);
  return misfits > errorsMax ? undefined : result;
}

function run(
  { schema, document, variables, toPublic }: Delegated,
  rootValue: object,
  fieldResolver: GraphQLFieldResolver<unknown, unknown>,
): ExecutionResult {
  return executeSync({
    schema,
    document,
    rootValue,
    variableValues: variables,
    fieldResolver,
    typeResolver: (value) => toPublic(String(ownValue(value, '__typename'))),
  });
}

interface Read {
  readonly read: ExecutionResult;
  readonly leaves: Leaves | undefined;
}

function collectErrors(
  delegated: Delegated,
  { read, leaves }: Read,
  reported: readonly unknown[],
): GraphQLError[] {
  const found = new Map<string, GraphQLError>();
  const add = (failure: Error, path: Path): void => {
    const key = JSON.stringify(deepestPath(read.data, path, leaves));
    if (!found.has(key)) found.set(key, toError(failure, path));
  };
  const reportedFailure = new UpstreamFailure({
    upstream: delegated.upstream,
    why: 'reported an error',
  });
  for (const entry of reported.slice(0, errorsMax)) {
    for (const path of placesOf(entry, { read, leaves })) add(reportedFailure, path);
  }
  for (const { originalError, path } of read.errors ?? []) {
    const why = 'answer does not fit the schema';
    const isOurs = originalError instanceof UpstreamFailure;
    const failure = isOurs
      ? originalError
      : new UpstreamFailure({ upstream: delegated.upstream, why });
    add(failure, path ?? []);
  }
  return [...found.values()];
}

/** Paths for an upstream's error: its own path, or else the root fields that are null. */
function placesOf(entry: unknown, { read: { data }, leaves }: Read): Path[] {
  const path = ownValue(entry, 'path');
  if (isPath(path)) {
    const place = deepestPath(data, path, leaves);
    if (place.length > 0) return [place];
  }
  const roots = Object.keys(data ?? {});
  const missing = roots.filter((key) => data?.[key] === null);
  return (missing.length > 0 ? missing : roots.slice(0, 1)).map((key) => [key]);
}

/** The longest part of a path that exists in the result, so that no upstream text becomes a key. */
function deepestPath(data: unknown, path: Path, leaves: Leaves | undefined): Path {
  let holder = data;
  let levelsLeft = Number.POSITIVE_INFINITY;
  for (const [index, part] of path.entries()) {
    const isThere =
      levelsLeft > 0 &&
      typeof holder === 'object' &&
      holder !== null &&
      Array.isArray(holder) === (typeof part === 'number') &&
      part !== 'length' &&
      Object.hasOwn(holder, part);
    if (!isThere) return path.slice(0, index);
    holder = Reflect.get(holder as object, part);
    levelsLeft -= 1;
    if (leaves !== undefined && leaves.size > 0) {
      levelsLeft = leaves.get(JSON.stringify(path.slice(0, index + 1))) ?? levelsLeft;
    }
  }
  return path;
}

function toError(failure: Error, path: Path): GraphQLError {
  return new GraphQLError(failure.message, { path, originalError: failure });
}
