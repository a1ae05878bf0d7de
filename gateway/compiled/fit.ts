/**
 * Reads an upstream's answer against the upstream's own schema: what does not fit is a failure in
 * its place, and where the schema has no null the place above fails. The same verdicts as the
 * reference engine's executors give, without executing a document.
 *
 * Objects and lists of a GraphQL answer are read in place, they are ours alone; of a REST answer
 * new objects are made, because several fields may read one property, but for rows of which each
 * field has its own.
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
import { compileLeafFit } from './fit-leaf.ts';
import { type FitMeans, refuse } from './fit-means.ts';
import type { Field, Fit, ObjectPart, Reading, Selection } from './program.ts';

interface FitInput {
  /** The upstream's type. */
  readonly type: GraphQLOutputType;
  /** The type in the executable schema, for leaves. */
  readonly executable: GraphQLNamedOutputType;
  readonly selection: Selection | undefined;
  /** Set where nothing else reads the value, as of a root field; rows by key are shared. */
  readonly isOnly?: boolean;
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
  if (selection === undefined) return compileLeafFit(input, means);
  const { source, misfit } = means;
  if (source.kind === 'graphql') return compileInPlace(selection, { source, misfit });
  const type = getNamedType(input.type);
  return isUnionType(type)
    ? compileCopyOfMember(type, selection, { source, misfit })
    : compileCopy(selection, misfit, input.isOnly === true);
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

function compileCopy(selection: Selection, misfit: UpstreamFailure, isOnly: boolean): Fit {
  const [only] = selection.byType.values();
  if (only === undefined) throw new Error('a selection without a type');
  const take = copyOf(only, misfit);
  const stay = isOnly && mayStay(selection, only) ? restInPlace(only, misfit) : undefined;
  return (raw, reading) => {
    if (typeof raw !== 'object' || raw === null || raw instanceof UpstreamFailure) {
      return refuse(misfit, reading);
    }
    const source = raw as Record<string, unknown>;
    // A list is an object without these properties: as one it must go on.
    if (stay === undefined || Array.isArray(raw)) return take(source, reading, {});
    return stay(source, reading);
  };
}

/**
 * Whether a REST object can stand for itself: each value stands behind its own key, and nothing is put
 * beside what the upstream sent unasked.
 */
function mayStay({ follows }: Selection, { fields }: ObjectPart): boolean {
  const isOwn = ({ sent, rawKey, isWhole }: Field): boolean =>
    sent === rawKey && !isWhole && !isInherited(sent);
  return !follows && fields.every(isOwn);
}

function restInPlace({ fields }: ObjectPart, misfit: UpstreamFailure): FitObject {
  return (holder, reading) => {
    for (const field of fields) {
      const { sent } = field;
      const raw = holder[sent];
      // Most values are, and three calls for each would cost as much as all else here.
      if (field.takesText && typeof raw === 'string') continue;
      const value = readRest(field, raw, reading);
      if (value === misfit) {
        if (field.nonNull) return misfit;
        reading.nulled += 1;
      }
      if (value !== raw) holder[sent] = value;
    }
    return holder;
  };
}

/**
 * Objects of a union in a REST answer: which type one has, the upstream's description tells, no
 * `__typename`.
 */
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
