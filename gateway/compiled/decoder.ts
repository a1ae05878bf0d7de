/**
 * Compiles decoders that read an upstream's answer against the upstream's own schema: a value that
 * does not fit becomes a failure in its place, and a failure in a non-null place moves to its
 * parent. The verdicts equal those of the reference engine's executors, without executing a
 * document.
 *
 * Objects and lists of a GraphQL answer belong to us alone and are changed in place. A REST answer
 * is copied, because several fields may read one property, except for objects in which each field
 * has a property of its own.
 */
import {
  type GraphQLNamedOutputType,
  type GraphQLOutputType,
  type GraphQLUnionType,
  getNamedType,
  isListType,
  isNonNullType,
  isUnionType,
} from 'graphql';
import { UpstreamFailure } from '../errors.ts';
import type { GraphqlSource, RestSource } from '../graph/graph-parts.ts';
import { type DecoderMeans, refuse } from './decoder-means.ts';
import { compileLeafDecoder } from './leaf-decoder.ts';
import type { Decode, Field, ObjectPart, Reading, Selection } from './program.ts';

interface DecoderInput {
  /** The upstream's type. */
  readonly type: GraphQLOutputType;
  /** The type in the executable schema; used for leaves. */
  readonly executable: GraphQLNamedOutputType;
  readonly selection: Selection | undefined;
  /** Set if nothing else reads the value, as for a root field; rows by key are shared. */
  readonly isOnly?: boolean;
}

/** Compiles the decoder of a leaf, an object or a list of either; objects need a selection. */
export function compileDecoder(input: DecoderInput, means: DecoderMeans): Decode {
  const isNonNull = isNonNullType(input.type);
  const type = isNonNull ? input.type.ofType : input.type;
  const decode = isListType(type)
    ? compileList({ ...input, type: type.ofType }, means)
    : compileNamed(input, means);
  const { mismatch } = means;
  return (raw, reading) => {
    if (raw !== null && raw !== undefined) return decode(raw, reading);
    if (!isNonNull) return null;
    reading.mismatches += 1;
    return mismatch;
  };
}

function compileNamed(input: DecoderInput, means: DecoderMeans): Decode {
  const { selection } = input;
  if (selection === undefined) return compileLeafDecoder(input, means);
  const { source, mismatch } = means;
  if (source.kind === 'graphql') return compileInPlace(selection, { source, mismatch });
  const type = getNamedType(input.type);
  return isUnionType(type)
    ? compileCopyOfMember(type, selection, { source, mismatch })
    : compileCopy(selection, mismatch, input.isOnly === true);
}

function compileList(item: DecoderInput, means: DecoderMeans): Decode {
  const { mismatch } = means;
  const decode = compileDecoder(item, means);
  const isNonNull = isNonNullType(item.type);
  return (raw, reading) => {
    if (!Array.isArray(raw)) return refuse(mismatch, reading);
    for (let index = 0; index < raw.length; index += 1) {
      const sent: unknown = raw[index];
      const value = decode(sent, reading);
      if (value === sent) continue;
      if (value === mismatch) {
        if (isNonNull) {
          countRest(decode, raw, index + 1, reading, item.selection !== undefined);
          return mismatch;
        }
        reading.nulled += 1;
      }
      raw[index] = value;
    }
    return raw;
  };
}

/**
 * Counts mismatches behind the item that failed the list, as the reference engine does: it looks at
 * all items before it completes the first. An object is only checked to be an object.
 */
function countRest(
  decode: Decode,
  raw: readonly unknown[],
  from: number,
  reading: Reading,
  isComposite: boolean,
): void {
  for (let index = from; index < raw.length; index += 1) {
    const value = raw[index];
    if (!isComposite) decode(value, reading);
    else if (typeof value !== 'object' || value === null) reading.mismatches += 1;
  }
}

/** Whether `Object.prototype` has this name. */
const isInherited = (name: string): boolean => name in Object.prototype;

function ownValue(holder: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(holder, name) ? holder[name] : undefined;
}

function compileInPlace(
  { typeName, byType }: Selection,
  { source, mismatch }: { source: GraphqlSource; mismatch: UpstreamFailure },
): Decode {
  const { toWireName } = source;
  const parts = new Map(
    [...byType].map(([name, part]) => [
      toWireName(name),
      { name, decode: inPlace(part, mismatch) },
    ]),
  );
  const only = typeName === undefined ? undefined : parts.get(toWireName(typeName))?.decode;
  return (raw, reading) => {
    if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
      return refuse(mismatch, reading);
    }
    const holder = raw as Record<string, unknown>;
    if (only !== undefined) return only(holder, reading);
    const sent = ownValue(holder, '__typename');
    const part = typeof sent === 'string' ? parts.get(sent) : undefined;
    if (part === undefined) return refuse(mismatch, reading);
    // Only the graph's type names are used from here on.
    if (part.name !== sent) holder.__typename = part.name;
    return part.decode(holder, reading);
  };
}

type DecodeObject = (holder: Record<string, unknown>, reading: Reading) => unknown;

function inPlace({ fields }: ObjectPart, mismatch: UpstreamFailure): DecodeObject {
  const isSafe = !fields.some(({ sent }) => isInherited(sent));
  return (holder, reading) => {
    for (const field of fields) {
      const { sent } = field;
      const raw = isSafe ? holder[sent] : ownValue(holder, sent);
      // A requested field that is missing is a broken answer, nullable or not.
      const value = raw === undefined ? refuse(mismatch, reading) : field.decode(raw, reading);
      if (value === mismatch) {
        if (field.nonNull) return mismatch;
        reading.nulled += 1;
      }
      if (value !== raw || sent !== field.rawKey) holder[field.rawKey] = value;
    }
    return holder;
  };
}

function compileCopy(selection: Selection, mismatch: UpstreamFailure, isOnly: boolean): Decode {
  const [only] = selection.byType.values();
  if (only === undefined) throw new Error('a selection without a type');
  const decode = copyOf(only, mismatch);
  const stay = isOnly && mayStay(selection, only) ? restInPlace(only, mismatch) : undefined;
  return (raw, reading) => {
    if (typeof raw !== 'object' || raw === null || raw instanceof UpstreamFailure) {
      return refuse(mismatch, reading);
    }
    const source = raw as Record<string, unknown>;
    // An array is read as an object that lacks these properties, so it is copied rather than kept.
    if (stay === undefined || Array.isArray(raw)) return decode(source, reading, {});
    return stay(source, reading);
  };
}

/**
 * Whether a REST object may be kept instead of copied: each value is under its own key, and no join
 * or link writes beside properties that the upstream sent unasked.
 */
function mayStay({ follows }: Selection, { fields }: ObjectPart): boolean {
  const isOwn = ({ sent, rawKey, isWhole }: Field): boolean =>
    sent === rawKey && !isWhole && !isInherited(sent);
  return !follows && fields.every(isOwn);
}

function restInPlace({ fields }: ObjectPart, mismatch: UpstreamFailure): DecodeObject {
  return (holder, reading) => {
    for (const field of fields) {
      const { sent } = field;
      const raw = holder[sent];
      // Most values are text, and three calls for each would cost as much as the rest of the loop.
      if (field.takesText && typeof raw === 'string') continue;
      const value = readRest(field, raw, reading);
      if (value === mismatch) {
        if (field.nonNull) return mismatch;
        reading.nulled += 1;
      }
      if (value !== raw) holder[sent] = value;
    }
    return holder;
  };
}

/**
 * Decodes objects of a union in a REST answer: the upstream's description tells the type, as there
 * is no `__typename`.
 */
function compileCopyOfMember(
  type: GraphQLUnionType,
  { byType }: Selection,
  { source, mismatch }: { source: RestSource; mismatch: UpstreamFailure },
): Decode {
  const parts = new Map([...byType].map(([name, part]) => [name, copyOf(part, mismatch)]));
  return (raw, reading) => {
    if (typeof raw !== 'object' || raw === null || raw instanceof UpstreamFailure) {
      return refuse(mismatch, reading);
    }
    const __typename = source.typeOf(type, raw) ?? '';
    const decode = parts.get(__typename);
    if (decode === undefined) return refuse(mismatch, reading);
    return decode(raw as Record<string, unknown>, reading, { __typename });
  };
}

type CopyObject = (
  source: Record<string, unknown>,
  reading: Reading,
  copy: Record<string, unknown>,
) => unknown;

function copyOf({ fields }: ObjectPart, mismatch: UpstreamFailure): CopyObject {
  const isSafe = !fields.some(({ sent }) => isInherited(sent));
  return (source, reading, copy) => {
    for (const field of fields) {
      const sent = isSafe ? source[field.sent] : ownValue(source, field.sent);
      if (field.takesText && typeof sent === 'string') {
        copy[field.rawKey] = sent;
        continue;
      }
      const value = readRest(field, field.isWhole ? source : sent, reading);
      if (value === mismatch) {
        if (field.nonNull) return mismatch;
        reading.nulled += 1;
      }
      copy[field.rawKey] = value;
    }
    return copy;
  };
}

function readRest({ read, decode }: Field, sent: unknown, reading: Reading): unknown {
  if (sent === undefined || sent === null) return decode(null, reading);
  return decode(read === undefined ? sent : read(sent), reading);
}
