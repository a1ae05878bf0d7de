/**
 * Builds input types from schemas, each with the function that writes its values to the wire. A
 * value that the wire cannot represent is refused before anything is sent.
 */
import {
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
} from 'graphql';
import { UpstreamFailure } from '../../../errors.ts';
import { patternOf } from '../call/check-leaf.ts';
import { compileRest } from '../call/further-names.ts';
import { assignNames, toFieldName, toPascal } from '../call/wire-names.ts';
import { type InputField, writeList, writeObject } from '../call/write-input.ts';
import { describeSchema } from '../document/describe-parameter.ts';
import { readShape } from '../document/read-shape.ts';
import { toHintExtensions } from '../document/schema-hints.ts';
import {
  hasDefault,
  isReadOnly,
  isSchema,
  type ObjectShape,
  type SchemaLike,
  type Shape,
  type UnionShape,
} from '../document/schema-shape.ts';
import { toDefaultExtensions } from '../document/service-default.ts';
import { type InputMaking, type InputObject, shareInput, toConfigs } from './input-object.ts';
import { toInputUnion } from './input-union.ts';
import { jsonScalar } from './json-scalar.ts';
import { type LeafType, toEnumType, toScalarType } from './leaf-types.ts';
import { nameOfRest } from './output-types.ts';
import { listsMax, type TypePlace, toItemPlace } from './type-place.ts';
import type { TypeSpace } from './type-space.ts';

export interface InputType {
  /** Nullable; the place of use adds `!`. */
  type: GraphQLInputType;
  nullable: boolean;
  shape: Shape;
  /** Converts a coerced value to the wire's; throws UpstreamFailure if that is impossible. */
  write: (value: unknown) => unknown;
}

export interface InputTypes {
  toInputType(schema: SchemaLike, place: TypePlace): InputType;
}

export function createInputTypes(space: TypeSpace): InputTypes {
  const { upstream } = space;
  const refuse = (why: string): UpstreamFailure => new UpstreamFailure({ upstream, why });
  const making: InputMaking = { space, objects: new WeakMap(), refuse };
  return { toInputType: (schema, place) => toInputType(schema, place, making) };
}

function toInputType(schema: SchemaLike, place: TypePlace, making: InputMaking): InputType {
  const shape = readShape(schema);
  const { nullable } = shape;
  const { space } = making;
  notePattern(schema, place, space);
  switch (shape.kind) {
    case 'object':
    case 'union': {
      const object = toStructure(shape, place, making);
      if (object === undefined) return opaque(shape, undefined, place, space);
      return { ...object, nullable, shape };
    }
    case 'list': {
      if ((place.lists ?? 0) >= listsMax) return opaque(shape, 'lists of lists', place, space);
      const item = toInputType(shape.items, toItemPlace(place), making);
      const itemType = item.nullable ? item.type : new GraphQLNonNull(item.type);
      return { type: new GraphQLList(itemType), nullable, shape, write: writeList(item.write) };
    }
    case 'enum':
      return { ...writeLeaf(toEnumType(shape, place, space), making), nullable, shape };
    case 'scalar':
      return { ...writeLeaf(toScalarType(shape, place.wire), making), nullable, shape };
    case 'json':
      return opaque(shape, shape.why, place, space);
  }
}

function writeLeaf(leaf: LeafType, { refuse }: InputMaking): Pick<InputType, 'type' | 'write'> {
  const write = (value: unknown): unknown => {
    const written = leaf.write(value);
    if (written !== undefined) return written;
    throw refuse('no whole number');
  };
  return { type: leaf.type, write };
}

function opaque(
  shape: Shape,
  why: string | undefined,
  place: TypePlace,
  space: TypeSpace,
): InputType {
  if (why !== undefined) space.note(place.about, `opaque JSON: ${why}`);
  return { type: jsonScalar, nullable: shape.nullable, shape, write: same };
}

function toStructure(
  shape: ObjectShape | UnionShape,
  place: TypePlace,
  making: InputMaking,
): InputObject | undefined {
  return shape.kind === 'object'
    ? toInputObject(shape, place, making)
    : toInputUnion(shape, place, { ...making, toStructure });
}

/** Undefined if no property may be written: an input type needs a field. */
function toInputObject(
  shape: ObjectShape,
  place: TypePlace,
  making: InputMaking,
): InputObject | undefined {
  const writable = [...shape.properties].filter(([, property]) => !isReadOnly(property));
  if (writable.length === 0) return undefined;
  return shareInput(shape, place, making, (name) => {
    let known: readonly InputField[] | undefined;
    const fields = (): readonly InputField[] => {
      known ??= toFields(name, shape, new Map(writable), making);
      return known;
    };
    return {
      type: new GraphQLInputObjectType({ name, fields: () => toConfigs(fields()) }),
      write: (value) => writeObject(fields(), value),
    };
  });
}

function toFields(
  typeName: string,
  shape: ObjectShape,
  writable: ReadonlyMap<string, SchemaLike>,
  making: InputMaking,
): readonly InputField[] {
  const { space, refuse } = making;
  noteReadOnly(typeName, shape, space);
  const names = assignNames(writable.keys(), {
    toName: toFieldName,
    collided: (wire, name) => space.note(`${typeName}.${name}`, `the name of "${wire}" was taken`),
  });
  const fields = [...writable].map(([wire, property]) => {
    const name = names.get(wire) ?? wire;
    const required = shape.required.has(wire);
    return toField({ typeName, name, wire, property, required }, making);
  });
  if (!shape.open) return fields;
  const name = nameOfRest(names.values());
  const write = compileRest(shape.properties.keys(), refuse);
  return [...fields, { name, wire: undefined, write, config: { type: jsonScalar } }];
}

function toField(
  about: { typeName: string; name: string; wire: string; property: SchemaLike; required: boolean },
  making: InputMaking,
): InputField {
  const { typeName, name, wire, property } = about;
  const place = { hint: `${typeName}${toPascal(name)}`, wire, about: `${typeName}.${name}` };
  const { type, nullable, write } = toInputType(property, place, making);
  const required = about.required && !nullable && !hasDefault(property);
  return {
    name,
    wire,
    write,
    config: {
      type: required ? new GraphQLNonNull(type) : type,
      ...describeSchema(property),
      extensions: {
        wireName: wire,
        ...toHintExtensions(property, making.space.componentOf),
        ...toDefaultExtensions(property),
      },
    },
  };
}

function same(value: unknown): unknown {
  return value;
}

function noteReadOnly(typeName: string, shape: ObjectShape, space: TypeSpace): void {
  const readOnly = [...shape.properties].filter(([, property]) => isReadOnly(property));
  if (readOnly.length > 0) {
    space.note(typeName, `read-only, left out: ${readOnly.map(([wire]) => wire).join(', ')}`);
  }
}

function notePattern(schema: SchemaLike, { about }: TypePlace, space: TypeSpace): void {
  if (!isSchema(schema) || typeof schema.pattern !== 'string') return;
  if (patternOf(schema.pattern) !== undefined) return;
  space.note(about, 'its pattern is left to the upstream: it cannot be matched in bounded time');
}
