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
const jsonDepthMax = 64;

export const jsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'Any JSON value. Opaque: rules apply to the whole of it.',
  serialize: boundedJson,
  parseValue: boundedJson,
  parseLiteral: (node, variables) => boundedJson(valueFromASTUntyped(node, variables)),
});

// Made once: an answer may hold hundreds of thousands of values that are refused.
const flaws = {
  depth: new GraphQLError('A JSON value nests too deeply.'),
  key: new GraphQLError('A JSON value has a key that is not permitted.'),
  number: new GraphQLError('A JSON value has a number that is too large.'),
};

/** The value itself; throws where it has a flaw. */
function boundedJson(value: unknown): unknown {
  const flaw = flawOfJson(value);
  if (flaw !== undefined) throw flaw;
  return value;
}

/** Says of a value that it nests too deeply, has a `__proto__` key or an infinite number. */
export function flawOfJson(value: unknown): GraphQLError | undefined {
  if (isInfinite(value)) return flaws.number;
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= jsonDepthMax && level.some(isContainer)) return flaws.depth;
    const below: unknown[] = [];
    for (const each of level) {
      const flaw = addChildren(each, below);
      if (flaw !== undefined) return flaw;
    }
    level = below;
  }
  return undefined;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function addChildren(value: unknown, below: unknown[]): GraphQLError | undefined {
  if (!isContainer(value)) return undefined;
  if (Object.hasOwn(value, '__proto__')) return flaws.key;
  for (const child of Object.values(value)) {
    if (isContainer(child)) below.push(child);
    else if (isInfinite(child)) return flaws.number;
  }
  return undefined;
}

const isInfinite = (value: unknown): boolean =>
  typeof value === 'number' && !Number.isFinite(value);
