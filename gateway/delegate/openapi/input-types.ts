/**
 * Input types from schemas, with the way back: what a caller gave under graph names becomes what
 * the upstream expects under wire names. A value that the wire cannot hold is refused before
 * anything is sent.
 */
import {
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
} from 'graphql';
import { UpstreamFailure } from '../../errors.ts';
import { jsonScalar } from './json-scalar.ts';
import { type LeafType, toEnumType, toScalarType } from './leaf-types.ts';
import { readShape } from './read-shape.ts';
import type { ObjectShape, SchemaLike, Shape } from './schema-shape.ts';
import { listsMax, type TypePlace, toItemPlace } from './type-place.ts';
import type { TypeSpace } from './type-space.ts';
import { assignNames, toFieldName, toPascal } from './wire-names.ts';

export interface InputType {
  /** Nullable; the place where it stands decides about `!`. */
  type: GraphQLInputType;
  nullable: boolean;
  shape: Shape;
  /** The wire's value for a coerced one; throws an UpstreamFailure where it cannot hold it. */
  write: (value: unknown) => unknown;
}

interface InputField {
  name: string;
  wire: string;
  config: GraphQLInputFieldConfig;
  write: (value: unknown) => unknown;
}

interface InputObject {
  type: GraphQLInputObjectType;
  fields: () => readonly InputField[];
}

export interface InputTypes {
  toInputType(schema: SchemaLike, place: TypePlace): InputType;
}

export function createInputTypes(space: TypeSpace): InputTypes {
  const objects = new WeakMap<GraphQLInputObjectType, InputObject>();
  const { upstream } = space;

  function toInputType(schema: SchemaLike, place: TypePlace): InputType {
    const shape = readShape(schema);
    const { nullable } = shape;
    switch (shape.kind) {
      case 'object': {
        const object = toInputObject(shape, place);
        if (object === undefined) return opaque(shape, undefined, place);
        return { type: object.type, nullable, shape, write: (value) => writeObject(object, value) };
      }
      case 'list': {
        if ((place.lists ?? 0) >= listsMax) return opaque(shape, 'lists of lists', place);
        const item = toInputType(shape.items, toItemPlace(place));
        const itemType = item.nullable ? item.type : new GraphQLNonNull(item.type);
        return { type: new GraphQLList(itemType), nullable, shape, write: writeList(item.write) };
      }
      case 'enum':
        return { ...writeLeaf(toEnumType(shape, place.hint, space), upstream), nullable, shape };
      case 'scalar':
        return { ...writeLeaf(toScalarType(shape, place.wire), upstream), nullable, shape };
      case 'json':
        return opaque(shape, shape.why, place);
    }
  }

  function opaque(shape: Shape, why: string | undefined, place: TypePlace): InputType {
    if (why !== undefined) space.note(place.about, `opaque JSON: ${why}`);
    return { type: jsonScalar, nullable: shape.nullable, shape, write: same };
  }

  function toInputObject(shape: ObjectShape, place: TypePlace): InputObject | undefined {
    const writable = [...shape.properties].filter(([, property]) => !isReadOnly(property));
    if (writable.length === 0) return undefined;
    const type = space.share({
      family: 'input',
      wanted: toInputName(space.wantedName(shape.source, place.hint)),
      source: shape.source,
      make: (name) => {
        const object = makeObject(name, shape, writable);
        objects.set(object.type, object);
        return object.type;
      },
    });
    return objects.get(type);
  }

  function makeObject(
    name: string,
    shape: ObjectShape,
    writable: readonly (readonly [string, SchemaLike])[],
  ): InputObject {
    let known: readonly InputField[] | undefined;
    const fields = (): readonly InputField[] => {
      known ??= toInputFields(name, shape, new Map(writable));
      return known;
    };
    const toConfigs = (): Record<string, GraphQLInputFieldConfig> =>
      Object.fromEntries(fields().map((field) => [field.name, field.config]));
    return { type: new GraphQLInputObjectType({ name, fields: toConfigs }), fields };
  }

  function toInputFields(
    typeName: string,
    shape: ObjectShape,
    writable: ReadonlyMap<string, SchemaLike>,
  ): readonly InputField[] {
    noteLosses(typeName, shape, space);
    const names = assignNames(writable.keys(), {
      toName: toFieldName,
      collided: (wire, name) =>
        space.note(`${typeName}.${name}`, `the name of "${wire}" was taken`),
    });
    return [...writable].map(([wire, property]) => {
      const name = names.get(wire) ?? wire;
      const place = { hint: `${typeName}${toPascal(name)}`, wire, about: `${typeName}.${name}` };
      const { type, nullable, write } = toInputType(property, place);
      const required = shape.required.has(wire) && !nullable && !hasDefault(property);
      return { name, wire, write, config: { type: required ? new GraphQLNonNull(type) : type } };
    });
  }

  return { toInputType };
}

export function hasDefault(schema: SchemaLike): boolean {
  return typeof schema === 'object' && schema.default !== undefined;
}

function same(value: unknown): unknown {
  return value;
}

function writeLeaf(leaf: LeafType, upstream: string): Pick<InputType, 'type' | 'write'> {
  const write = (value: unknown): unknown => {
    const written = leaf.write(value);
    if (written !== undefined) return written;
    throw new UpstreamFailure({
      upstream,
      why: `argument refused: no ${leaf.type.name} of the wire`,
    });
  };
  return { type: leaf.type, write };
}

function writeList(writeItem: (value: unknown) => unknown): (value: unknown) => unknown {
  return (value) =>
    Array.isArray(value) ? value.map((item) => (item === null ? null : writeItem(item))) : value;
}

/** Keys are defined, not assigned: `__proto__` is a name like any other on the wire. */
function writeObject(object: InputObject, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const given = new Map(Object.entries(value));
  const entries = object.fields().flatMap(({ name, wire, write }) => {
    const each: unknown = given.get(name);
    if (each === undefined) return [];
    return [[wire, each === null ? null : write(each)] as const];
  });
  return Object.fromEntries(entries);
}

function noteLosses(typeName: string, shape: ObjectShape, space: TypeSpace): void {
  const readOnly = [...shape.properties].filter(([, property]) => isReadOnly(property));
  if (readOnly.length > 0) {
    space.note(typeName, `read-only, left out: ${readOnly.map(([wire]) => wire).join(', ')}`);
  }
  if (shape.open) space.note(typeName, 'properties beside the named ones cannot be sent');
}

function isReadOnly(property: SchemaLike): boolean {
  return typeof property === 'object' && property.readOnly === true;
}

function toInputName(name: string): string {
  return name.endsWith('Input') ? name : `${name}Input`;
}
