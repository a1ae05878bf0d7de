/**
 * Builds output types from schemas. How each field reads an answer is data on the field
 * (`answer-shape.ts`); the resolvers here only apply it.
 */
import {
  type GraphQLFieldConfig,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
} from 'graphql';
import {
  type AnswerShape,
  compileField,
  type FieldReading,
  toReadingExtensions,
} from '../call/answer-shape.ts';

import { assignNames, toFieldName, toPascal } from '../call/wire-names.ts';

import { readShape } from '../document/read-shape.ts';
import { toHintExtensions } from '../document/schema-hints.ts';

import {
  isSchema,
  isWriteOnly,
  type ListShape,
  type ObjectShape,
  type SchemaLike,
} from '../document/schema-shape.ts';
import { jsonScalar } from './json-scalar.ts';
import { toEnumType, toScalarType } from './leaf-types.ts';
import { noteSubtypes } from './note-subtypes.ts';
import { listsMax, type TypePlace, toItemPlace } from './type-place.ts';
import type { TypeSpace } from './type-space.ts';
import { toUnionType } from './union-types.ts';

export interface OutputType {
  /** Nullable; the place of use adds `!`. */
  type: GraphQLOutputType;
  nullable: boolean;
  answer: AnswerShape;
}

export function toOutputType(schema: SchemaLike, place: TypePlace, space: TypeSpace): OutputType {
  const shape = readShape(schema);
  const { nullable } = shape;
  switch (shape.kind) {
    case 'object': {
      const type = toObjectType(shape, place, space);
      if (type === undefined) return opaque(nullable, undefined, place, space);
      return { type, nullable, answer: { kind: 'object', typeName: type.name } };
    }
    case 'union': {
      const union = toUnionType(shape, place, { space, toObjectType });
      if (union === undefined) {
        return opaque(nullable, 'one of several objects without fields', place, space);
      }
      return { ...union, nullable };
    }
    case 'list':
      if ((place.lists ?? 0) >= listsMax) return opaque(nullable, 'lists of lists', place, space);
      return { ...toListType(shape, place, space), nullable };
    case 'enum':
      return { ...toEnumType(shape, place, space), nullable };
    case 'scalar':
      return { ...toScalarType(shape, place.wire), nullable };
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
  return { type: jsonScalar, nullable, answer: { kind: 'json' } };
}

/** Items stay nullable in the graph: one bad row must not remove the others. */
function toListType(
  shape: ListShape,
  place: TypePlace,
  space: TypeSpace,
): Omit<OutputType, 'nullable'> {
  const item = toOutputType(shape.items, toItemPlace(place), space);
  return {
    type: new GraphQLList(item.type),
    answer: { kind: 'list', item: item.answer, itemNullable: item.nullable },
  };
}

/** Undefined if no property may be read: an object type needs a field. */
function toObjectType(
  shape: ObjectShape,
  place: TypePlace,
  space: TypeSpace,
): GraphQLObjectType | undefined {
  const readable = [...shape.properties].filter(([, property]) => !isWriteOnly(property));
  if (readable.length === 0) return undefined;
  const { description } = shape.source;
  noteSubtypes(shape, space);
  return space.share({
    family: 'output',
    wanted: space.wantedName(shape.source, place.hint),
    source: shape.source,
    place,
    make: (name) =>
      new GraphQLObjectType({
        name,
        ...(typeof description === 'string' ? { description } : {}),
        fields: () => toFields(name, shape, new Map(readable), space),
      }),
  });
}

type Fields = Record<string, GraphQLFieldConfig<unknown, unknown>>;

function toFields(
  typeName: string,
  shape: ObjectShape,
  readable: ReadonlyMap<string, SchemaLike>,
  space: TypeSpace,
): Fields {
  for (const name of shape.conflicts) {
    space.note(`${typeName}.${name}`, 'opaque JSON: parts of an allOf describe it differently');
  }
  const names = assignNames(readable.keys(), {
    toName: toFieldName,
    collided: (wire, name) => space.note(`${typeName}.${name}`, `the name of "${wire}" was taken`),
  });
  const fields: Fields = Object.create(null);
  for (const [wire, property] of readable) {
    const name = names.get(wire) ?? wire;
    const required = shape.required.has(wire);
    fields[name] = toField({ typeName, name, wire, property, required }, space);
  }
  if (shape.open) {
    const name = nameOfRest(names.values());
    fields[name] = restField(new Set(shape.properties.keys()), space);
  }
  return fields;
}

/** The name of the field for all properties without a field of their own. */
export function nameOfRest(taken: Iterable<string>): string {
  const names = new Set(taken);
  return names.has('additionalProperties') ? 'additionalProperties_rest' : 'additionalProperties';
}

function restField(
  except: ReadonlySet<string>,
  { upstream, compileBound }: TypeSpace,
): GraphQLFieldConfig<unknown, unknown> {
  const reading: FieldReading = { wire: undefined, shape: { kind: 'json' }, except };
  const read = compileField(reading, upstream);
  const bound = compileBound(reading.shape, false);
  return {
    type: jsonScalar,
    description: 'Properties that have no field of their own. Opaque: rules apply to all of them.',
    extensions: toReadingExtensions(reading),
    resolve: (parent, _args, context) => bound(read(parent), context as object),
  };
}

function toField(
  about: { typeName: string; name: string; wire: string; property: SchemaLike; required: boolean },
  space: TypeSpace,
): GraphQLFieldConfig<unknown, unknown> {
  const { typeName, name, wire, property } = about;
  const place = { hint: `${typeName}${toPascal(name)}`, wire, about: `${typeName}.${name}` };
  const { type, nullable, answer } = toOutputType(property, place, space);
  const description = isSchema(property) ? property.description : undefined;
  const reading: FieldReading = { wire, shape: answer };
  const isNonNull = about.required && !nullable;
  const read = compileField(reading, space.upstream);
  const bound = space.compileBound(answer, isNonNull);
  return {
    type: isNonNull ? new GraphQLNonNull(type) : type,
    ...(typeof description === 'string' ? { description } : {}),
    extensions: {
      ...toReadingExtensions(reading),
      ...toHintExtensions(property, space.componentOf),
    },
    // The context is the executor's.
    resolve: (parent, _args, context) => bound(read(parent), context as object),
  };
}
