/**
 * Bounds what the failures of one REST answer cost where graphql-js reads it: an error for each of
 * millions of values that do not fit would fill the heap before anybody counts them.
 *
 * The first keep their places; all further ones of one execution are a single error, located
 * already, so that graphql-js makes no other. An answer with that many fails as a whole anyway.
 */
import { GraphQLError } from 'graphql';
import { UpstreamFailure } from '../../errors.ts';
import type { AnswerShape } from './answer-shape.ts';
import { flawOfJson } from './json-scalar.ts';
import { lateFailure } from './late-failure.ts';

/** Failures of one execution that keep their places; executors tell fewer. */
const placesMax = 1_000;

/** By the executor's context: each execution has one of its own. */
const counts = new WeakMap<object, number>();

/** Gives a value that was read as `shape`, with failures as graphql-js may have them. */
export type Bound = (value: unknown, context: object) => unknown;

/** `isNonNull`: whether null is a failure, which graphql-js would otherwise make itself. */
export function compileBound(
  shape: AnswerShape,
  { upstream, isNonNull }: { upstream: string; isNonNull: boolean },
): Bound {
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
  const boundOf = (inner: AnswerShape): Bound => {
    const boundItem = inner.kind === 'list' ? boundOf(inner.item) : undefined;
    return (value, context) => {
      if (value instanceof UpstreamFailure) return count(value, context);
      if (inner.kind === 'json') {
        return flawOfJson(value) === undefined ? value : count(misfit(), context);
      }
      // A list that was read is a copy, and ours alone.
      if (boundItem !== undefined && Array.isArray(value)) {
        for (const [index, item] of value.entries()) value[index] = boundItem(item, context);
      }
      return value;
    };
  };
  const bound = boundOf(shape);
  return (value, context) => {
    const isMissing = isNonNull && (value === null || value === undefined);
    return isMissing ? count(misfit(), context) : bound(value, context);
  };
}
