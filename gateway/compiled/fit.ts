/**
 * Reads an upstream's answer against the upstream's own schema: what does not fit is a failure in
 * its place, and where the schema has no null the place above fails. The same verdicts as the
 * reference engine's executors give, without executing a document.
 *
 * Objects and lists of a GraphQL answer are read in place, they are ours alone; of a REST answer
 * new objects are made, because several fields may read one property.
 */
import {
  type GraphQLNamedOutputType,
  type GraphQLOutputType,
  type GraphQLUnionType,
  getNamedType,
  isLeafType,
  isListType,
  isNonNullType,
  isUnionType,
} from 'graphql';
import { UpstreamFailure } from '../errors.ts';
import type { GraphqlSource, RestSource, Source } from '../graph/graph-parts.ts';
import { compileLeaf, isRounded } from '../graph/upstream-value.ts';
import type { Field, Fit, ObjectPart, Reading, Selection } from './program.ts';

/** What the fits of one upstream share. */
export interface FitMeans {
  readonly source: Source;
  /** Stands wherever a value does not fit. */
  readonly misfit: UpstreamFailure;
}

/** One for each upstream of a program. */
export function createFitMeans(source: Source): FitMeans {
  const why = 'answer does not fit the schema';
  const misfit = Object.freeze(new UpstreamFailure({ upstream: source.name, why }));
  return { source, misfit };
}

interface FitInput {
  /** The upstream's type. */
  readonly type: GraphQLOutputType;
  /** The type in the executable schema, for leaves. */
  readonly executable: GraphQLNamedOutputType;
  readonly selection: Selection | undefined;
}

/** Leaves and lists of them alike; objects need a selection. */
export function compileFit(input: FitInput, means: FitMeans): Fit {
  const isNonNull = isNonNullType(input.type);
  const type = isNonNull ? input.type.ofType : input.type;
  const take = isListType(type)
    ? compileList({ ...input, type: type.ofType }, means)
    : compileNamed(input, means);
  const { misfit } = means;
  return (raw, reading) => {
    if (raw !== null && raw !== undefined) return take(raw, reading);
    if (!isNonNull) return null;
    reading.misfits += 1;
    return misfit;
  };
}

function compileNamed(input: FitInput, means: FitMeans): Fit {
  const { selection } = input;
  if (selection === undefined) return compileScalar(input, means);
  const { source, misfit } = means;
  if (source.kind === 'graphql') return compileInPlace(selection, { source, misfit });
  const type = getNamedType(input.type);
  return isUnionType(type)
    ? compileCopyOfMember(type, selection, { source, misfit })
    : compileCopy(selection, misfit);
}

function compileList(item: FitInput, means: FitMeans): Fit {
  const { misfit } = means;
  const take = compileFit(item, means);
  const isNonNull = isNonNullType(item.type);
  return (raw, reading) => {
    if (!Array.isArray(raw)) return refuse(misfit, reading);
    for (let index = 0; index < raw.length; index += 1) {
      const sent: unknown = raw[index];
      const value = take(sent, reading);
      if (value === sent) continue;
      if (value === misfit) {
        if (isNonNull) {
          countRest(take, raw, index + 1, reading, item.selection !== undefined);
          return misfit;
        }
        reading.nulled += 1;
      }
      raw[index] = value;
    }
    return raw;
  };
}

/**
 * The reference looks at all items of a list before it completes the first: those behind one that
 * takes the list away are counted as well. Of an object only that it is one.
 */
function countRest(
  take: Fit,
  raw: readonly unknown[],
  from: number,
  reading: Reading,
  isComposite: boolean,
): void {
  for (let index = from; index < raw.length; index += 1) {
    const value = raw[index];
    if (!isComposite) take(value, reading);
    else if (typeof value !== 'object' || value === null) reading.misfits += 1;
  }
}

function refuse(misfit: UpstreamFailure, reading: Reading): UpstreamFailure {
  reading.misfits += 1;
  return misfit;
}

function compileScalar({ type, executable }: FitInput, { source, misfit }: FitMeans): Fit {
  const named = getNamedType(type);
  if (!isLeafType(named)) throw new Error(`${named.name} needs a selection`);
  const convert = named.name === executable.name ? undefined : toExecutable(executable);
  const read = source.kind === 'graphql' ? compileLeaf(named) : compileSerialize(named);
  const isId = named.name === 'ID';
  if (source.kind === 'openapi' && convert === undefined && builtIn.has(named.name)) {
    // The most frequent of all: one call for what would be three.
    return (raw, reading) => {
      if (typeof raw === 'object' && raw instanceof UpstreamFailure) return refuse(misfit, reading);
      return isId && typeof raw === 'number' ? String(raw) : raw;
    };
  }
  return (raw, reading) => {
    let value = read(raw);
    if (value === undefined) return refuse(misfit, reading);
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

/** Whether the name is also one of every object's prototype. */
const isInherited = (name: string): boolean => name in Object.prototype;

function ownValue(holder: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(holder, name) ? holder[name] : undefined;
}

function compileInPlace(
  { typeName, byType }: Selection,
  { source, misfit }: { source: GraphqlSource; misfit: UpstreamFailure },
): Fit {
  const { toWireName } = source;
  const parts = new Map(
    [...byType].map(([name, part]) => [toWireName(name), { name, take: inPlace(part, misfit) }]),
  );
  const only = typeName === undefined ? undefined : parts.get(toWireName(typeName))?.take;
  return (raw, reading) => {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
      return refuse(misfit, reading);
    }
    const holder = raw as Record<string, unknown>;
    if (only !== undefined) return only(holder, reading);
    const sent = ownValue(holder, '__typename');
    const part = typeof sent === 'string' ? parts.get(sent) : undefined;
    if (part === undefined) return refuse(misfit, reading);
    // From here on there are only the names of the graph.
    if (part.name !== sent) holder.__typename = part.name;
    return part.take(holder, reading);
  };
}

type FitObject = (holder: Record<string, unknown>, reading: Reading) => unknown;

function inPlace({ fields }: ObjectPart, misfit: UpstreamFailure): FitObject {
  const isSafe = !fields.some(({ sent }) => isInherited(sent));
  return (holder, reading) => {
    for (const field of fields) {
      const { sent } = field;
      const raw = isSafe ? holder[sent] : ownValue(holder, sent);
      // A field that was asked for and left out is a broken answer, nullable or not.
      const value = raw === undefined ? refuse(misfit, reading) : field.take(raw, reading);
      if (value === misfit) {
        if (field.nonNull) return misfit;
        reading.nulled += 1;
      }
      if (value !== raw || sent !== field.rawKey) holder[field.rawKey] = value;
    }
    return holder;
  };
}

function compileCopy(selection: Selection, misfit: UpstreamFailure): Fit {
  const [only] = selection.byType.values();
  if (only === undefined) throw new Error('a selection without a type');
  const take = copyOf(only, misfit);
  return (raw, reading) => {
    if (typeof raw !== 'object' || raw === null || raw instanceof UpstreamFailure) {
      return refuse(misfit, reading);
    }
    return take(raw as Record<string, unknown>, reading, {});
  };
}

/** Objects of an answer that does not say their types in words that are the graph's. */
function compileCopyOfMember(
  type: GraphQLUnionType,
  { byType }: Selection,
  { source, misfit }: { source: RestSource; misfit: UpstreamFailure },
): Fit {
  const parts = new Map([...byType].map(([name, part]) => [name, copyOf(part, misfit)]));
  return (raw, reading) => {
    if (typeof raw !== 'object' || raw === null || raw instanceof UpstreamFailure) {
      return refuse(misfit, reading);
    }
    const __typename = source.typeOf(type, raw) ?? '';
    const take = parts.get(__typename);
    if (take === undefined) return refuse(misfit, reading);
    return take(raw as Record<string, unknown>, reading, { __typename });
  };
}

type CopyObject = (
  source: Record<string, unknown>,
  reading: Reading,
  copy: Record<string, unknown>,
) => unknown;

function copyOf({ fields }: ObjectPart, misfit: UpstreamFailure): CopyObject {
  const isSafe = !fields.some(({ sent }) => isInherited(sent));
  return (source, reading, copy) => {
    for (const field of fields) {
      const sent = isSafe ? source[field.sent] : ownValue(source, field.sent);
      // Most values are, and three calls for each would cost as much as all else here.
      if (field.takesText && typeof sent === 'string') {
        copy[field.rawKey] = sent;
        continue;
      }
      const value = readRest(field, field.isWhole ? source : sent, reading);
      if (value === misfit) {
        if (field.nonNull) return misfit;
        reading.nulled += 1;
      }
      copy[field.rawKey] = value;
    }
    return copy;
  };
}

function readRest({ read, take }: Field, sent: unknown, reading: Reading): unknown {
  if (sent === undefined || sent === null) return take(null, reading);
  return take(read === undefined ? sent : read(sent), reading);
}
