/**
 * Reads what decides whether a write may happen, right before it: wraps the mutation root fields
 * that a rule may judge by an object, outside the second lock. Each read is an execution of its own
 * over the same schema and locks, with its own context, so that no loader shares rows between
 * reads.
 */
import {
  defaultFieldResolver,
  execute,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import type { DelegationContext } from '../delegate/upstream.ts';
import type { EngineError } from '../engine.ts';
import { splitCoordinate } from '../graph/coordinate.ts';
import type { Judge } from '../plan/judge.ts';
import type { FieldGuard } from '../plan/plan.ts';
import { type AskBefore, mayWrite, type ReadFailure } from '../plan/read-before.ts';

/** What one operation reads first; part of its execution context. */
export interface FirstReads {
  readonly guards: ReadonlyMap<string, FieldGuard>;
  readonly judge: Judge | undefined;
  readonly errors: EngineError[];
  /** Result keys of the root fields that may be written, for the second lock. */
  readonly granted: Set<string | number>;
}

interface FirstContext extends DelegationContext {
  readonly first?: FirstReads | undefined;
}

/** @param writes coordinates of mutation fields; wrapped in place */
export function readFirst(
  schema: GraphQLSchema,
  writes: Iterable<string>,
  classify: (error: unknown) => ReadFailure,
): void {
  const mutation = schema.getMutationType();
  for (const coordinate of writes) {
    const [, name] = splitCoordinate(coordinate);
    const field = mutation?.getFields()[name];
    if (field === undefined) throw new Error(`there is no ${coordinate}`);
    const { resolve = defaultFieldResolver } = field;
    const guarded: GraphQLFieldResolver<unknown, FirstContext> = async (...asked) => {
      const [, , context, { path, schema: executed }] = asked;
      const { first, signal } = context;
      const key = String(path.key);
      const guard = path.prev === undefined ? first?.guards.get(key) : undefined;
      if (first === undefined || guard === undefined) return resolve(...asked);
      const { judge, errors } = first;
      const ask = createAskBefore(executed, context, classify);
      if (!(await mayWrite(key, guard, { judge, signal, errors, ask }))) return null;
      first.granted.add(key);
      return resolve(...asked);
    };
    field.resolve = guarded as typeof resolve;
  }
}

function createAskBefore(
  schema: GraphQLSchema,
  context: FirstContext,
  classify: (error: unknown) => ReadFailure,
): AskBefore {
  return async ({ operation: { document } }, variables) => {
    if (document === undefined) throw new Error('a read without a document');
    const contextValue = { ...context, sentVariables: variables, first: undefined };
    const { data, errors = [] } = await execute({
      schema,
      document,
      variableValues: variables,
      contextValue,
    });
    return { data, failures: errors.map(classify) };
  };
}
