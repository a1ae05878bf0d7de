/**
 * Bounds what the failures of one REST answer cost where graphql-js reads it: an error for each of
 * millions of values that do not fit would fill the heap before anybody counts them.
 *
 * The first keep their places; all further ones of one execution are a single error, located
 * already, so that graphql-js makes no other. An answer with that many fails as a whole anyway.
 */
import { GraphQLError } from 'graphql';
import { UpstreamFailure } from '../../../errors.ts';
import { flawOfJson } from '../types/json-scalar.ts';
import type { AnswerShape } from './answer-shape.ts';
import { lateFailure } from './late-failure.ts';

/** Failures of one execution that keep their places; executors tell fewer. */
const placesMax = 1_000;

/** By the executor's context: each execution has one of its own. */
const counts = new WeakMap<object, number>();

/** Gives a value that was read as a shape says, with failures as graphql-js may have them. */
export type Bound = (value: unknown, context: object) => unknown;

/** `isNonNull`: whether null is a failure, which graphql-js would otherwise make itself. */
export type CompileBound = (shape: AnswerShape, isNonNull: boolean) => Bound;

/** For all fields of one upstream: a large API has tens of thousands, and each costs next to nothing. */
export function createCompileBound(upstream: string): CompileBound {
  const misfit = lateFailure(upstream, 'an answer that does not fit the schema');
  const rest = lateFailure(upstream, 'further failures');
  let further: GraphQLError | undefined;
  const count = (failure: UpstreamFailure, context: object): Error => {
    const counted = (counts.get(context) ?? 0) + 1;
    counts.set(context, counted);
    if (counted <= placesMax) return failure;
    further ??= new GraphQLError(rest().why, { path: [], originalError: rest() });
    return further;
  };
  const boundJson: Bound = (value, context) => {
    if (value instanceof UpstreamFailure) return count(value, context);
    return flawOfJson(value) === undefined ? value : count(misfit(), context);
  };
  const boundOther: Bound = (value, context) =>
    value instanceof UpstreamFailure ? count(value, context) : value;
  const boundOf = (shape: AnswerShape): Bound => {
    if (shape.kind === 'json') return boundJson;
    if (shape.kind !== 'list') return boundOther;
    const boundItem = boundOf(shape.item);
    return (value, context) => {
      if (!Array.isArray(value)) return boundOther(value, context);
      // A list that was read is a copy, and ours alone.
      for (const [index, item] of value.entries()) value[index] = boundItem(item, context);
      return value;
    };
  };
  return (shape, isNonNull) => {
    const bound = boundOf(shape);
    if (!isNonNull) return bound;
    return (value, context) => {
      const isMissing = value === null || value === undefined;
      return isMissing ? count(misfit(), context) : bound(value, context);
    };
  };
}
