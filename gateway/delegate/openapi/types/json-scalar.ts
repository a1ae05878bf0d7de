/**
 * The scalar JSON: an opaque value, for what an OpenAPI document leaves free-form or describes in a
 * way that GraphQL types cannot express.
 *
 * No rule looks inside such a value, so it is bounded here: it refuses nesting that would overflow
 * the stringifier, keys that would reach a prototype when objects are merged, and numbers that
 * would be serialised as null.
 */
import { GraphQLError, GraphQLScalarType, valueFromASTUntyped } from 'graphql';
import { isContainer } from '../../../json-value.ts';

/** Deepest nesting of lists and objects in a JSON value, inbound or outbound. */
const jsonDepthMax = 64;

export const jsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'Any JSON value. Opaque: rules apply to the whole of it.',
  serialize: boundedJson,
  parseValue: boundedJson,
  parseLiteral: (node, variables) => boundedJson(valueFromASTUntyped(node, variables)),
});

// Created once: an answer may have hundreds of thousands of refused values.
const flaws = {
  depth: new GraphQLError('A JSON value nests too deeply.'),
  key: new GraphQLError('A JSON value has a key that is not permitted.'),
  number: new GraphQLError('A JSON value has a number that is too large.'),
};

/** Returns the value itself; throws if it has a flaw. */
function boundedJson(value: unknown): unknown {
  const flaw = flawOfJson(value);
  if (flaw !== undefined) throw flaw;
  return value;
}

/** A value's flaw, if any: too deep nesting, a `__proto__` key, or an infinite number. */
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
