/**
 * Places an executor's errors into the data, at the null that they explain, before stitching sees
 * them.
 *
 * Stitching moves errors by rewriting paths, and loses list indexes and whole errors on the way
 * (several rows of one batch get the first row's path). An error placed as a value stays at its
 * position, and graphql-js gives it the path seen by the caller. Nothing is swallowed: an error at
 * a position with data replaces the data.
 */
import type { ExecutionRequest, ExecutionResult, Executor } from '@graphql-tools/utils';
import { GraphQLError, getOperationAST, Kind, type SelectionSetNode, visit } from 'graphql';
import { addKeySelections, type KeyedFields } from '../graphql/graphql-key-selection.ts';
import type { DelegationContext } from '../upstream.ts';

export interface StitchedExecutorOptions {
  readonly executor: Executor;
  readonly keyed: KeyedFields;
}

/** Wraps the executor for composition: selects keys, and returns failures as values. */
export function adaptExecutor({ executor, keyed }: StitchedExecutorOptions): Executor {
  const run = async (request: ExecutionRequest): Promise<ExecutionResult> => {
    const { variables = {}, context } = request;
    const asked = { document: addKeySelections(request.document, keyed), variables };
    const written = (context as DelegationContext | undefined)?.asWritten?.(asked) ?? asked;
    const roots = rootKeys(request);
    try {
      const result = await executor({ ...request, ...written });
      if (Symbol.asyncIterator in result) throw new Error('an upstream answered with a stream');
      return placeErrors(result, roots, hasRenamedFields(request));
    } catch (error) {
      const fault = error instanceof Error ? error : new Error('an executor threw no error');
      return { data: Object.fromEntries(roots.map((key) => [key, fault])) };
    }
  };
  return run as Executor;
}

function rootKeys(request: ExecutionRequest): string[] {
  const collect = (set: SelectionSetNode): string[] =>
    set.selections.flatMap((selection) => {
      if (selection.kind === Kind.FIELD) return [(selection.alias ?? selection.name).value];
      return selection.kind === Kind.INLINE_FRAGMENT ? collect(selection.selectionSet) : [];
    });
  const operation = getOperationAST(request.document);
  return operation ? collect(operation.selectionSet) : [];
}

/**
 * Stitching aliases fields that are nullable in one implementation and not in another, and
 * deep-copies the whole answer to undo that: the copy would turn failures into plain objects.
 */
function hasRenamedFields(request: ExecutionRequest): boolean {
  let isRenamed = false;
  visit(request.document, {
    Field(node) {
      isRenamed ||= renamed.test(node.alias?.value ?? '');
    },
  });
  return isRenamed;
}

const renamed = /^_(?:nullable|nonNullable)_/;

function placeErrors(
  result: ExecutionResult,
  roots: readonly string[],
  isRenamed: boolean,
): ExecutionResult {
  const errors = result.errors ?? [];
  if (errors.length === 0) return { data: result.data };
  const data: Record<string, unknown> = result.data ?? Object.create(null);
  for (const error of errors) {
    const cause = isRenamed ? toUncopied(toCause(error)) : toCause(error);
    for (const path of placesOf(error, data, roots)) place(data, path, cause);
  }
  return { data };
}

/** The same error for `instanceof` and property access, but not copied by a deep copy. */
function toUncopied(error: Error): Error {
  const uncopied = (): void => undefined;
  Reflect.deleteProperty(uncopied, 'name');
  return Object.setPrototypeOf(uncopied, error);
}

type Path = readonly (string | number)[];

function placesOf(error: GraphQLError, data: object, roots: readonly string[]): Path[] {
  const [root] = error.path ?? [];
  if (typeof root === 'string' && roots.includes(root)) return [error.path ?? []];
  const missing = roots.filter((key) => (Reflect.get(data, key) ?? null) === null);
  return (missing.length > 0 ? missing : roots.slice(0, 1)).map((key) => [key]);
}

function place(data: Record<string, unknown>, path: Path, cause: Error): void {
  let holder: object = data;
  for (const [index, part] of path.entries()) {
    const inner: unknown = Object.hasOwn(holder, part) ? Reflect.get(holder, part) : null;
    if (inner instanceof Error) return;
    const isLast = index === path.length - 1;
    if (isLast || typeof inner !== 'object' || inner === null) {
      Reflect.set(holder, part, cause);
      return;
    }
    holder = inner;
  }
}

/** The innermost cause, without a path: graphql-js sets the path where it finds the error. */
function toCause(error: GraphQLError): Error {
  let cause: Error = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  const isLocated = cause instanceof GraphQLError && cause.path !== undefined;
  return isLocated ? new Error('an executor failed', { cause }) : cause;
}
