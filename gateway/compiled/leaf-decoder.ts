/** Reads leaves of an upstream's answer: as the upstream's type has them, then as the graph's. */
import {
  type GraphQLNamedOutputType,
  type GraphQLOutputType,
  getNamedType,
  isLeafType,
} from 'graphql';
import { UpstreamFailure } from '../errors.ts';
import { compileLeaf, isRounded } from '../graph/upstream-value.ts';
import { type DecoderMeans, refuse } from './decoder-means.ts';
import type { Decode } from './program.ts';

interface LeafInput {
  /** The upstream's type. */
  readonly type: GraphQLOutputType;
  /** The type in the executable schema. */
  readonly executable: GraphQLNamedOutputType;
}

/** A value without fields, and as the graph's own type has it. */
export function compileLeafDecoder(
  { type, executable }: LeafInput,
  { source, mismatch }: DecoderMeans,
): Decode {
  const named = getNamedType(type);
  if (!isLeafType(named)) throw new Error(`${named.name} needs a selection`);
  const convert = named.name === executable.name ? undefined : toExecutable(executable);
  const read = source.kind === 'graphql' ? compileLeaf(named) : compileSerialize(named);
  const isId = named.name === 'ID';
  if (source.kind === 'openapi' && convert === undefined && builtIn.has(named.name)) {
    // The most frequent of all: one call for what would be three.
    return (raw, reading) => {
      if (typeof raw === 'object' && raw instanceof UpstreamFailure)
        return refuse(mismatch, reading);
      return isId && typeof raw === 'number' ? String(raw) : raw;
    };
  }
  return (raw, reading) => {
    let value = read(raw);
    if (value === undefined) return refuse(mismatch, reading);
    // As a GraphQL server writes ids.
    if (isId && typeof value === 'number') value = String(value);
    return convert === undefined ? value : convert(value);
  };
}

/** Upstreams may call a key a number here and an ID there: the graph has one type for it. */
function toExecutable(type: GraphQLNamedOutputType): (value: unknown) => unknown {
  if (!isLeafType(type)) throw new Error(`${type.name} is no leaf`);
  return (value) => {
    // As a text it would pass for a key.
    if (isRounded(value)) return value;
    try {
      return type.serialize(type.parseValue(value));
    } catch {
      // The reference engine gives null for what the graph's type cannot hold.
      return null;
    }
  };
}

const builtIn: ReadonlySet<string> = new Set(['String', 'Boolean', 'Int', 'Float', 'ID']);

/** A value that the REST field has accepted already; undefined where it is a failure. */
function compileSerialize(type: Extract<GraphQLNamedOutputType, { serialize: unknown }>) {
  if (builtIn.has(type.name)) {
    return (value: unknown) =>
      typeof value === 'object' && value instanceof UpstreamFailure ? undefined : value;
  }
  return (value: unknown): unknown => {
    if (value instanceof UpstreamFailure) return undefined;
    try {
      return type.serialize(value) ?? undefined;
    } catch {
      // graphql-js quotes the value in its error; the place says enough.
      return undefined;
    }
  };
}
