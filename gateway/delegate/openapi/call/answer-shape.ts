/**
 * Describes how values of an answer are read: what each field of the graph takes from the wire,
 * under which name, and what it accepts. Plain data, which engines read answers by.
 *
 * Nothing is coerced or trusted: only own properties are read, and a value of another type than
 * declared is an UpstreamFailure at its own path.
 */
import type { GraphQLField, GraphQLUnionType } from 'graphql';
import type { UpstreamFailure } from '../../../errors.ts';
import { isJsonObject } from '../../../json-value.ts';
import { lateFailure } from './late-failure.ts';

export type AnswerShape =
  | { readonly kind: 'scalar'; readonly typeName: string; readonly accepts: Accepted }
  /** Maps a value on the wire to its name in the graph. */
  | {
      readonly kind: 'enum';
      readonly typeName: string;
      readonly names: ReadonlyMap<unknown, string>;
    }
  | { readonly kind: 'json' }
  /** Its fields are those of the type; each has a FieldReading. */
  | { readonly kind: 'object'; readonly typeName: string }
  /** `typeOf` is undefined if the value matches no type, or possibly several. */
  | {
      readonly kind: 'union';
      readonly typeName: string;
      readonly typeOf: (value: object) => string | undefined;
    }
  | { readonly kind: 'list'; readonly item: AnswerShape; readonly itemNullable: boolean };

/** `id` accepts strings and integers, `long` integers beyond 32 bits. */
export type Accepted = 'text' | 'id' | 'boolean' | 'float' | 'int' | 'long';

export interface FieldReading {
  /** The property on the wire; undefined for the field that holds all other properties. */
  readonly wire: string | undefined;
  readonly shape: AnswerShape;
  /** If `wire` is undefined: properties that have their own field or are never read. */
  readonly except?: ReadonlySet<string>;
}

/** The reading of a translated type's field; undefined for root fields. */
export function readingOf(field: GraphQLField<unknown, unknown>): FieldReading | undefined {
  // Only `toReadingExtensions` writes this key.
  return field.extensions.reading as FieldReading | undefined;
}

/** The type of an object in a translated union; undefined if it is none of them. */
export function typeOfIn({ extensions }: GraphQLUnionType, value: object): string | undefined {
  // Only `toUnionType` writes this key.
  const typeOf = extensions.typeOf as ((value: object) => string | undefined) | undefined;
  return typeOf?.(value);
}

/** A field's `extensions`: the reading, and the wire name if there is one. */
export function toReadingExtensions(reading: FieldReading): Record<string, unknown> {
  return reading.wire === undefined ? { reading } : { reading, wireName: reading.wire };
}

/** Compiles a function from a parent object to the field's value, null if the wire has none. */
export function compileField(
  { wire, shape, except }: FieldReading,
  upstream: string,
): (parent: unknown) => unknown {
  if (wire === undefined) return (parent) => readRest(parent, except ?? new Set());
  const read = compileRead(shape, upstream);
  return (parent) => {
    const value = ownValue(parent, wire);
    return value === undefined || value === null ? null : read(value);
  };
}

/**
 * Compiles a function that returns a value for graphql-js to complete, or an UpstreamFailure (not
 * thrown) if it does not fit. All misfits of a kind share one failure: an answer may have millions.
 */
export function compileRead(shape: AnswerShape, upstream: string): (value: unknown) => unknown {
  const late = (why: string): (() => UpstreamFailure) => lateFailure(upstream, why);
  switch (shape.kind) {
    case 'json':
      return (value) => value;
    case 'scalar': {
      const fits = accepts[shape.accepts];
      const misfit = late(`a value that is no ${shape.typeName}`);
      return (value) => (fits(value) ? value : misfit());
    }
    case 'enum': {
      const misfit = late(`a value that is no ${shape.typeName}`);
      return (value) => (shape.names.has(value) ? value : misfit());
    }
    case 'object': {
      const misfit = late('a value that is no object');
      return (value) => (isJsonObject(value) ? value : misfit());
    }
    case 'union': {
      const misfit = late('a value that is no object');
      const unclear = late(`an object of no clear type of ${shape.typeName}`);
      return (value) => {
        if (!isJsonObject(value)) return misfit();
        return shape.typeOf(value) === undefined ? unclear() : value;
      };
    }
    case 'list':
      return compileList(shape, upstream);
  }
}

function compileList(
  { item, itemNullable }: Extract<AnswerShape, { kind: 'list' }>,
  upstream: string,
): (value: unknown) => unknown {
  const misfit = lateFailure(upstream, 'a value that is no list');
  const empty = lateFailure(upstream, 'a null in a list');
  const read = compileRead(item, upstream);
  const readItem = (value: unknown): unknown => {
    if (value !== null) return read(value);
    return itemNullable ? null : empty();
  };
  return (value) => (Array.isArray(value) ? value.map(readItem) : misfit());
}

const accepts: Readonly<Record<Accepted, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  id: (value) => typeof value === 'string' || Number.isSafeInteger(value),
  boolean: (value) => typeof value === 'boolean',
  float: Number.isFinite,
  int: (value) => typeof value === 'number' && value === (value | 0),
  long: Number.isSafeInteger,
};

function readRest(parent: unknown, except: ReadonlySet<string>): unknown {
  if (!isJsonObject(parent)) return null;
  return Object.fromEntries(Object.entries(parent).filter(([wire]) => !except.has(wire)));
}

/** Own properties only: a body without `constructor` must not yield Object's. */
export function ownValue(parent: unknown, wire: string): unknown {
  if (!isJsonObject(parent)) return undefined;
  return Object.getOwnPropertyDescriptor(parent, wire)?.value;
}
