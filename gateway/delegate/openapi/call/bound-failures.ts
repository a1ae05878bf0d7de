/**
 * Bounds the cost of failures in one REST answer as graphql-js reads it: an error for each of
 * millions of misfits would fill the heap before they are counted.
 *
 * The first failures keep their places; all further ones of an execution share a single located
 * error, so that graphql-js creates no more. An answer with that many fails as a whole anyway.
 */
import { GraphQLError } from 'graphql';
import { UpstreamFailure } from '../../../errors.ts';
import { flawOfJson } from '../types/json-scalar.ts';
import type { AnswerShape } from './answer-shape.ts';
import { lateFailure } from './late-failure.ts';

/** Failures of one execution that keep their places; executors report fewer. */
const placesMax = 1_000;

/** By the executor's context, which is unique to each execution. */
const counts = new WeakMap<object, number>();

/** Bounds a value that was read by a shape, with its failures. */
export type Bound = (value: unknown, context: object) => unknown;

/** `isNonNull`: null is a failure, which graphql-js would otherwise create itself. */
export type CompileBound = (shape: AnswerShape, isNonNull: boolean) => Bound;

/** Shared by all fields of one upstream: a large API has tens of thousands, so each is cheap. */
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
      // A list that was read is a private copy.
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
