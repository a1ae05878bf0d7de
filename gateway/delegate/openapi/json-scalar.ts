/**
 * The scalar JSON: an opaque value, for what an OpenAPI document leaves free-form or describes
 * in a way that GraphQL types cannot hold.
 *
 * No rule looks inside such a value, so it is bounded here: nesting that would break the
 * stringifier, keys that would reach a prototype when objects are merged, and numbers that would be
 * written as null, are refused.
 */
import { GraphQLError, GraphQLScalarType, valueFromASTUntyped } from 'graphql';

/** Levels of lists and objects that a JSON value may have, in either direction. */
export const jsonDepthMax = 64;

export const jsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'Any JSON value. Opaque: rules apply to the whole of it.',
  serialize: boundedJson,
  parseValue: boundedJson,
  parseLiteral: (node, variables) => boundedJson(valueFromASTUntyped(node, variables)),
});

/** The value itself; throws where it nests too deeply, has a `__proto__` key or an infinite number. */
function boundedJson(value: unknown): unknown {
  let level: unknown[] = [value];
  refuseInfinite(value);
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= jsonDepthMax && level.some(isContainer))
      throw new GraphQLError('A JSON value nests too deeply.');
    const below: unknown[] = [];
    for (const each of level) addChildren(each, below);
    level = below;
  }
  return value;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function addChildren(value: unknown, below: unknown[]): void {
  if (!isContainer(value)) return;
  if (Object.hasOwn(value, '__proto__')) {
    throw new GraphQLError('A JSON value has a key that is not permitted.');
  }
  for (const child of Object.values(value)) {
    if (isContainer(child)) below.push(child);
    else refuseInfinite(child);
  }
}

function refuseInfinite(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new GraphQLError('A JSON value has a number that is too large.');
  }
}
