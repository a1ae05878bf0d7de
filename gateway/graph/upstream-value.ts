/**
 * Whether a JSON value is what a GraphQL answer may hold where a type is expected.
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

export interface FitMeans {
  readonly schema: GraphQLSchema;
  /** Makes the error that stands where a value does not fit. */
  readonly refuse: () => Error;
  /** A type name that the upstream sent, as `schema` has it. */
  readonly toPublic: (name: string) => string;
}

/** Levels of a structured scalar. */
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

/** The value, with an error in each place of it (list elements too) that does not fit. */
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

/** The value as it may go on; undefined where it does not fit. */
function readNamed(value: unknown, type: NamedOutputType, { schema, toPublic }: FitMeans): unknown {
  if (isObjectType(type)) return isJsonObject(value) ? value : undefined;
  if (isAbstractType(type)) {
    const name = ownValue(value, '__typename');
    const member = typeof name === 'string' ? schema.getType(toPublic(name)) : undefined;
    return isObjectType(member) && schema.isSubType(type, member) ? value : undefined;
  }
  return compileLeaf(type)(value);
}

/** Gives a leaf as an upstream's answer may hold it, undefined where it does not fit. */
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
 * A structured scalar without `__proto__` keys, which would become prototypes when merged. A number
 * beyond what a double holds does not fit: it would leave as null.
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

export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a JSON number may have been another before it was read: as an id, it is somebody else's. */
export function isRounded(value: unknown): boolean {
  return Number.isInteger(value) && !Number.isSafeInteger(value);
}

/** Whether a value can say whose a row is: a text, or a number that is still what was sent. */
export function isKey(value: unknown): value is string | number {
  return typeof value === 'string' || (typeof value === 'number' && !isRounded(value));
}

/** An own property; undefined for anything inherited, and for anything that is no object. */
export function ownValue(holder: unknown, key: string): unknown {
  return isJsonObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined;
}
