/**
 * Builds input types from schemas, each with the function that writes its values to the wire. A
 * value that the wire cannot represent is refused before anything is sent.
 */
import {
  type GraphQLInputFieldConfig,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLList,
  GraphQLNonNull,
} from 'graphql';
import { UpstreamFailure } from '../../../errors.ts';
import { patternOf } from '../call/check-leaf.ts';
import { compileRest, namesOfShape, namesTaken, writeApart } from '../call/further-names.ts';
import { assignNames, toFieldName, toPascal } from '../call/wire-names.ts';
import { type InputField, writeAlternative, writeList, writeObject } from '../call/write-input.ts';
import { describeSchema } from '../document/describe-parameter.ts';
import { readShape } from '../document/read-shape.ts';
import { toHintExtensions } from '../document/schema-hints.ts';
import {
  isReadOnly,
  isSchema,
  type ObjectShape,
  type SchemaLike,
  type Shape,
  type UnionMember,
  type UnionShape,
} from '../document/schema-shape.ts';
import { toDefaultExtensions } from '../document/service-default.ts';
import { jsonScalar } from './json-scalar.ts';
import { type LeafType, toEnumType, toScalarType } from './leaf-types.ts';
import { membersByValue, type NamedMember } from './member-of.ts';
import { nameOfRest } from './output-types.ts';
import { listsMax, type TypePlace, toItemPlace } from './type-place.ts';
import type { TypeSpace } from './type-space.ts';
import { nameOfMember } from './union-types.ts';

export interface InputType {
  /** Nullable; the place of use adds `!`. */
  type: GraphQLInputType;
  nullable: boolean;
  shape: Shape;
  /** Converts a coerced value to the wire's; throws UpstreamFailure if that is impossible. */
  write: (value: unknown) => unknown;
}

interface InputObject {
  type: GraphQLInputObjectType;
  write: (value: unknown) => unknown;
}

export interface InputTypes {
  toInputType(schema: SchemaLike, place: TypePlace): InputType;
}

export function createInputTypes(space: TypeSpace): InputTypes {
  const objects = new WeakMap<GraphQLInputObjectType, InputObject>();
  const { upstream } = space;
  const refuse = (why: string): UpstreamFailure => new UpstreamFailure({ upstream, why });

  function toInputType(schema: SchemaLike, place: TypePlace): InputType {
    const shape = readShape(schema);
    const { nullable } = shape;
    notePattern(schema, place, space);
    switch (shape.kind) {
      case 'object':
      case 'union': {
        const object = shape.kind === 'object' ? toObject(shape, place) : toUnion(shape, place);
        if (object === undefined) return opaque(shape, undefined, place);
        return { ...object, nullable, shape };
      }
      case 'list': {
        if ((place.lists ?? 0) >= listsMax) return opaque(shape, 'lists of lists', place);
        const item = toInputType(shape.items, toItemPlace(place));
        const itemType = item.nullable ? item.type : new GraphQLNonNull(item.type);
        return { type: new GraphQLList(itemType), nullable, shape, write: writeList(item.write) };
      }
      case 'enum':
        return { ...writeLeaf(toEnumType(shape, place, space)), nullable, shape };
      case 'scalar':
        return { ...writeLeaf(toScalarType(shape, place.wire)), nullable, shape };
      case 'json':
        return opaque(shape, shape.why, place);
    }
  }

  function writeLeaf(leaf: LeafType): Pick<InputType, 'type' | 'write'> {
    const write = (value: unknown): unknown => {
      const written = leaf.write(value);
      if (written !== undefined) return written;
      throw refuse('no whole number');
    };
    return { type: leaf.type, write };
  }

  function opaque(shape: Shape, why: string | undefined, place: TypePlace): InputType {
    if (why !== undefined) space.note(place.about, `opaque JSON: ${why}`);
    return { type: jsonScalar, nullable: shape.nullable, shape, write: same };
  }

  function share(
    shape: ObjectShape | UnionShape,
    place: TypePlace,
    make: (name: string) => InputObject,
  ): InputObject | undefined {
    const type = space.share({
      family: 'input',
      wanted: toInputName(space.wantedName(shape.source, place.hint)),
      source: shape.source,
      place,
      make: (name) => {
        const object = make(name);
        objects.set(object.type, object);
        return object.type;
      },
    });
    return objects.get(type);
  }

  function toObject(shape: ObjectShape, place: TypePlace): InputObject | undefined {
    const writable = [...shape.properties].filter(([, property]) => !isReadOnly(property));
    if (writable.length === 0) return undefined;
    return share(shape, place, (name) => makeObject(name, shape, new Map(writable)));
  }

  function makeObject(
    name: string,
    shape: ObjectShape,
    writable: ReadonlyMap<string, SchemaLike>,
  ): InputObject {
    let known: readonly InputField[] | undefined;
    const fields = (): readonly InputField[] => {
      known ??= toFields(name, shape, writable);
      return known;
    };
    return {
      type: new GraphQLInputObjectType({ name, fields: () => toConfigs(fields()) }),
      write: (value) => writeObject(fields(), value),
    };
  }

  function toFields(
    typeName: string,
    shape: ObjectShape,
    writable: ReadonlyMap<string, SchemaLike>,
  ): readonly InputField[] {
    noteReadOnly(typeName, shape, space);
    const names = assignNames(writable.keys(), {
      toName: toFieldName,
      collided: (wire, name) =>
        space.note(`${typeName}.${name}`, `the name of "${wire}" was taken`),
    });
    const fields: InputField[] = [...writable].map(([wire, property]) => {
      const name = names.get(wire) ?? wire;
      const place = { hint: `${typeName}${toPascal(name)}`, wire, about: `${typeName}.${name}` };
      const { type, nullable, write } = toInputType(property, place);
      const required = shape.required.has(wire) && !nullable && !hasDefault(property);
      return {
        name,
        wire,
        write,
        config: {
          type: required ? new GraphQLNonNull(type) : type,
          ...describeSchema(property),
          extensions: {
            wireName: wire,
            ...toHintExtensions(property, space.componentOf),
            ...toDefaultExtensions(property),
          },
        },
      };
    });
    if (!shape.open) return fields;
    const name = nameOfRest(names.values());
    const write = compileRest(shape.properties.keys(), refuse);
    return [...fields, { name, wire: undefined, write, config: { type: jsonScalar } }];
  }

  /** One field for each alternative, of which exactly one is given. */
  function toUnion(shape: UnionShape, place: TypePlace): InputObject | undefined {
    const own = space.wantedName(shape.source, place.hint);
    const members = shape.members.map((member, index) => {
      const label = nameOfMember(member, index, space);
      const below = { ...place, hint: `${own}${label}` };
      const object = toMember(member, below);
      return object && { member, label, object };
    });
    if (members.includes(undefined)) return undefined;
    const all = members.filter((each) => each !== undefined);
    return share(shape, place, (name) => makeUnion(name, shape, all));
  }

  function toMember({ shape }: UnionMember, place: TypePlace): InputObject | undefined {
    return shape.kind === 'object' ? toObject(shape, place) : toUnion(shape, place);
  }

  function makeUnion(
    name: string,
    shape: UnionShape,
    members: readonly { member: UnionMember; label: string; object: InputObject }[],
  ): InputObject {
    const names = assignNames(members.keys(), {
      toName: (index) => lowerFirst(toFieldName(members[index]?.label ?? '')),
      collided: (_, got) => space.note(`${name}.${got}`, 'two alternatives have one name'),
    });
    // A further property must not write a name that has a rule in another alternative.
    const isTaken = namesTaken(namesOfShape(shape));
    const fields: InputField[] = members.map(({ member, object }, index) => ({
      name: names.get(index) ?? '',
      wire: undefined,
      config: { type: object.type },
      write: writeApart(object.write, member.shape, { isTaken, refuse }),
    }));
    const named: NamedMember[] = members.map(({ member }, index) => ({
      member,
      typeOf: () => fields[index]?.name,
    }));
    const { componentOf } = space;
    const byValue = membersByValue({ shape, members: named, componentOf });
    return {
      type: new GraphQLInputObjectType({
        name,
        description: 'Exactly one of these.',
        fields: () => toConfigs(fields),
      }),
      write: (value) => writeAlternative(fields, value, { name, shape, byValue, refuse }),
    };
  }

  return { toInputType };
}

function toConfigs(fields: readonly InputField[]): Record<string, GraphQLInputFieldConfig> {
  return Object.fromEntries(fields.map((field) => [field.name, field.config]));
}

export function hasDefault(schema: SchemaLike): boolean {
  return isSchema(schema) && schema.default !== undefined;
}

function same(value: unknown): unknown {
  return value;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
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

function toInputName(name: string): string {
  return name.endsWith('Input') ? name : `${name}Input`;
}
