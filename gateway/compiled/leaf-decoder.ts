/** Decodes leaves of an upstream's answer: by the upstream's type first, then by the graph's. */
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

/** Compiles the decoder of a leaf type. Throws Error if the type needs a selection. */
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
    // The most frequent case: one call instead of three.
    return (raw, reading) => {
      if (typeof raw === 'object' && raw instanceof UpstreamFailure)
        return refuse(mismatch, reading);
      return isId && typeof raw === 'number' ? String(raw) : raw;
    };
  }
  return (raw, reading) => {
    let value = read(raw);
    if (value === undefined) return refuse(mismatch, reading);
    // GraphQL servers serialise ids as strings.
    if (isId && typeof value === 'number') value = String(value);
    return convert === undefined ? value : convert(value);
  };
}

/** Converts to the graph's one type where upstreams differ, as in number here and ID there. */
function toExecutable(type: GraphQLNamedOutputType): (value: unknown) => unknown {
  if (!isLeafType(type)) throw new Error(`${type.name} is no leaf`);
  return (value) => {
    // A rounded number must stay one: as text it would pass for a key.
    if (isRounded(value)) return value;
    try {
      return type.serialize(type.parseValue(value));
    } catch {
      // The reference engine gives null for a value that the graph's type cannot hold.
      return null;
    }
  };
}

const builtIn: ReadonlySet<string> = new Set(['String', 'Boolean', 'Int', 'Float', 'ID']);

/** Serialises a value that the REST field has already accepted; undefined if it is a failure. */
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
      // graphql-js quotes the value in its error; the place is enough.
      return undefined;
    }
  };
}
