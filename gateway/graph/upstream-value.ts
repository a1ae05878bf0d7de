/**
 * Decides whether a JSON value fits a type of a GraphQL answer. Fails closed.
 *
 * Stricter than graphql-js's serialisation, which turns `true` into "true" and reads fields off
 * arrays and strings: an upstream has already serialised its result, so it must be exact.
 */
import {
  type GraphQLEnumType,
  type GraphQLOutputType,
  type GraphQLScalarType,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { isJsonObject } from '../json-value.ts';

export interface FitMeans {
  readonly schema: GraphQLSchema;
  /** Makes the error that replaces a value that does not fit. */
  readonly refuse: () => Error;
  /** The name in `schema` for a type name that the upstream sent. */
  readonly toPublic: (name: string) => string;
}

/** Most levels of a structured scalar. */
const scalarsDepthMax = 64;

const builtInScalars: ReadonlyMap<string, (value: unknown) => boolean> = new Map([
  ['String', (value: unknown) => typeof value === 'string'],
  ['Boolean', (value: unknown) => typeof value === 'boolean'],
  ['Float', (value: unknown) => Number.isFinite(value)],
  [
    'Int',
    (value: unknown) => Number.isInteger(value) && (value as number) === ((value as number) | 0),
  ],
  ['ID', (value: unknown) => typeof value === 'string' || Number.isSafeInteger(value)],
]);

/** The value, with an error in each place (list items too) that does not fit. */
export function fitsType(value: unknown, type: GraphQLOutputType, means: FitMeans): unknown {
  if (isNonNullType(type)) {
    return value === null || value === undefined
      ? means.refuse()
      : fitsType(value, type.ofType, means);
  }
  if (value === null || value === undefined) return null;
  if (isListType(type)) {
    if (!Array.isArray(value)) return means.refuse();
    return value.map((element) => fitsType(element, type.ofType, means));
  }
  const read = readNamed(value, type, means);
  return read === undefined ? means.refuse() : read;
}

type NamedOutputType = Exclude<GraphQLOutputType, { ofType: unknown }>;

/** The accepted value; undefined if it does not fit. */
function readNamed(value: unknown, type: NamedOutputType, { schema, toPublic }: FitMeans): unknown {
  if (isObjectType(type)) return isJsonObject(value) ? value : undefined;
  if (isAbstractType(type)) {
    const name = ownValue(value, '__typename');
    const member = typeof name === 'string' ? schema.getType(toPublic(name)) : undefined;
    return isObjectType(member) && schema.isSubType(type, member) ? value : undefined;
  }
  return compileLeaf(type)(value);
}

/** Compiles the reader of a leaf type; it gives undefined for a value that does not fit. */
export function compileLeaf(
  type: GraphQLEnumType | GraphQLScalarType,
): (value: unknown) => unknown {
  if (isEnumType(type)) {
    return (value) => (typeof value === 'string' && type.getValue(value) ? value : undefined);
  }
  const fits = builtInScalars.get(type.name);
  if (fits === undefined) return (value) => copyScalar(value, scalarsDepthMax);
  return (value) => (fits(value) ? value : undefined);
}

/**
 * Copies a structured scalar without `__proto__` keys, which would become prototypes in a merge. A
 * number beyond the range of a double is rejected, as it would be serialised as null.
 */
function copyScalar(value: unknown, depthLeft: number): unknown {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  if (typeof value !== 'object' || value === null) return value;
  if (depthLeft === 0) return undefined;
  if (Array.isArray(value)) return copyAll(value, depthLeft);
  const entries = Object.entries(value).filter(([key]) => key !== '__proto__');
  const values = copyAll(
    entries.map(([, inner]) => inner),
    depthLeft,
  );
  if (values === undefined) return undefined;
  return Object.fromEntries(entries.map(([key], index) => [key, values[index]]));
}

function copyAll(values: readonly unknown[], depthLeft: number): unknown[] | undefined {
  const copies = values.map((value) => copyScalar(value, depthLeft - 1));
  return copies.includes(undefined) ? undefined : copies;
}

/**
 * Whether a JSON number may have lost digits when parsed: as an id, it could be another person's.
 */
export function isRounded(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

/** Whether a value can be a row's key: a string, or a number that is exactly as sent. */
export function isKey(value: unknown): value is string | number {
  return typeof value === 'string' || (typeof value === 'number' && !isRounded(value));
}

/** An own property; undefined if it is inherited or the holder is no object. */
export function ownValue(holder: unknown, key: string): unknown {
  return isJsonObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
}
