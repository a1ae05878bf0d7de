/**
 * Output types from schemas, with resolvers that take nothing on trust: only own properties are
 * read, and a value of another type than declared becomes an UpstreamFailure at its own path.
 */
import {
  type GraphQLFieldConfig,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql';
import { UpstreamFailure } from '../../errors.ts';
import type { RestField } from '../../graph-parts.ts';
import { jsonScalar } from './json-scalar.ts';
import { type LeafType, toEnumType, toScalarType } from './leaf-types.ts';
import { readShape } from './read-shape.ts';
import type { ListShape, ObjectShape, SchemaLike } from './schema-shape.ts';
import { listsMax, type TypePlace, toItemPlace } from './type-place.ts';
import type { TypeSpace } from './type-space.ts';
import { assignNames, toFieldName, toPascal } from './wire-names.ts';

export interface OutputType {
  /** Nullable; the place where it stands decides about `!`. */
  type: GraphQLOutputType;
  nullable: boolean;
  /** A value of the answer as graphql-js may complete it; a failure where it does not fit. */
  read: (value: unknown) => unknown;
}

export function toOutputType(schema: SchemaLike, place: TypePlace, space: TypeSpace): OutputType {
  const shape = readShape(schema);
  const { nullable } = shape;
  switch (shape.kind) {
    case 'object': {
      const type = toObjectType(shape, place, space);
      return type === undefined
        ? opaque(nullable, undefined, place, space)
        : { type, nullable, read: readObject(space) };
    }
    case 'list':
      if ((place.lists ?? 0) >= listsMax) return opaque(nullable, 'lists of lists', place, space);
      return { ...toListType(shape, place, space), nullable };
    case 'enum':
      return { ...readLeaf(toEnumType(shape, place.hint, space), space), nullable };
    case 'scalar':
      return { ...readLeaf(toScalarType(shape, place.wire), space), nullable };
    case 'json':
      return opaque(nullable, shape.why, place, space);
  }
}

function opaque(
  nullable: boolean,
  why: string | undefined,
  place: TypePlace,
  space: TypeSpace,
): OutputType {
  if (why !== undefined) space.note(place.about, `opaque JSON: ${why}`);
  return { type: jsonScalar, nullable, read: (value) => value };
}

function readLeaf(leaf: LeafType, { upstream }: TypeSpace): Omit<OutputType, 'nullable'> {
  const why = `a value that is no ${leaf.type.name}`;
  return {
    type: leaf.type,
    read: (value) => (leaf.accepts(value) ? value : new UpstreamFailure({ upstream, why })),
  };
}

function readObject({ upstream }: TypeSpace): (value: unknown) => unknown {
  return (value) =>
    isObject(value) ? value : new UpstreamFailure({ upstream, why: 'a value that is no object' });
}

/** Items stay nullable in the graph: one bad row never takes the others with it. */
function toListType(
  shape: ListShape,
  place: TypePlace,
  space: TypeSpace,
): Omit<OutputType, 'nullable'> {
  const { upstream } = space;
  const item = toOutputType(shape.items, toItemPlace(place), space);
  const readItem = (value: unknown): unknown => {
    if (value !== null) return item.read(value);
    return item.nullable ? null : new UpstreamFailure({ upstream, why: 'a null in a list' });
  };
  return {
    type: new GraphQLList(item.type),
    read: (value) =>
      Array.isArray(value)
        ? value.map(readItem)
        : new UpstreamFailure({ upstream, why: 'a value that is no list' }),
  };
}

/** Undefined where no property may be read: an object type needs a field. */
function toObjectType(
  shape: ObjectShape,
  place: TypePlace,
  space: TypeSpace,
): GraphQLObjectType | undefined {
  const readable = [...shape.properties].filter(([, property]) => !isWriteOnly(property));
  if (readable.length === 0) return undefined;
  const { description } = shape.source;
  return space.share({
    family: 'output',
    wanted: space.wantedName(shape.source, place.hint),
    source: shape.source,
    make: (name) =>
      new GraphQLObjectType({
        name,
        ...(description === undefined ? {} : { description }),
        fields: () => toFields(name, { ...shape, properties: new Map(readable) }, space),
      }),
  });
}

function toFields(
  typeName: string,
  shape: ObjectShape,
  space: TypeSpace,
): Record<string, GraphQLFieldConfig<unknown, unknown>> {
  noteLosses(typeName, shape, space);
  const names = assignNames(shape.properties.keys(), {
    toName: toFieldName,
    collided: (wire, name) => space.note(`${typeName}.${name}`, `the name of "${wire}" was taken`),
  });
  const fields = [...shape.properties].map(([wire, property]) => {
    const name = names.get(wire) ?? wire;
    const required = shape.required.has(wire);
    return [name, toField({ typeName, name, wire, property, required }, space)] as const;
  });
  return Object.fromEntries(fields);
}

function toField(
  about: { typeName: string; name: string; wire: string; property: SchemaLike; required: boolean },
  space: TypeSpace,
): GraphQLFieldConfig<unknown, unknown> {
  const { typeName, name, wire, property } = about;
  const place = { hint: `${typeName}${toPascal(name)}`, wire, about: `${typeName}.${name}` };
  const { type, nullable, read } = toOutputType(property, place, space);
  const description = typeof property === 'object' ? property.description : undefined;
  return {
    type: about.required && !nullable ? new GraphQLNonNull(type) : type,
    ...(description === undefined ? {} : { description }),
    extensions: { wireName: wire, read } satisfies RestField,
    resolve: (parent) => {
      const value = ownValue(parent, wire);
      return value === undefined || value === null ? null : read(value);
    },
  };
}

function noteLosses(typeName: string, shape: ObjectShape, space: TypeSpace): void {
  if (shape.open) space.note(typeName, 'properties beside the named ones are dropped');
  for (const name of shape.conflicts) {
    space.note(`${typeName}.${name}`, 'opaque JSON: parts of an allOf describe it differently');
  }
}

function isWriteOnly(property: SchemaLike): boolean {
  return typeof property === 'object' && property.writeOnly === true;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Own properties alone: a body without `constructor` must not answer with Object's. */
function ownValue(parent: unknown, wire: string): unknown {
  if (!isObject(parent)) return undefined;
  return Object.getOwnPropertyDescriptor(parent, wire)?.value;
}
