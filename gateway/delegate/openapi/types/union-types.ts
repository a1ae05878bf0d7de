/**
 * Objects of several types as a GraphQL union: the members' types, and the function that tells an
 * object's type. A union whose members are all one type is that type.
 */
import { type GraphQLObjectType, GraphQLUnionType } from 'graphql';
import type { AnswerShape } from '../call/answer-shape.ts';
import { toPascal } from '../call/wire-names.ts';
import {
  isSchema,
  type ObjectShape,
  type UnionMember,
  type UnionShape,
} from '../document/schema-shape.ts';
import { compileTypeOf, type NamedMember } from './member-of.ts';
import type { TypePlace } from './type-place.ts';
import type { TypeSpace } from './type-space.ts';

type ToObjectType = (
  shape: ObjectShape,
  place: TypePlace,
  space: TypeSpace,
) => GraphQLObjectType | undefined;

interface Making {
  space: TypeSpace;
  toObjectType: ToObjectType;
}

interface Collected {
  types: ReadonlySet<GraphQLObjectType>;
  typeOf: (value: object) => string | undefined;
}

/** Undefined if a member has nothing that may be read. */
export function toUnionType(
  shape: UnionShape,
  place: TypePlace,
  making: Making,
): { type: GraphQLObjectType | GraphQLUnionType; answer: AnswerShape } | undefined {
  const collected = collect(shape, place, making);
  if (collected === undefined) return undefined;
  const { space } = making;
  const [only, ...others] = collected.types;
  if (only !== undefined && others.length === 0) {
    return { type: only, answer: { kind: 'object', typeName: only.name } };
  }
  const { typeOf } = collected;
  const type = space.share({
    family: 'union',
    wanted: space.wantedName(shape.source, place.hint),
    source: shape.source,
    place,
    make: (name) =>
      new GraphQLUnionType({
        name,
        types: [...collected.types],
        extensions: { typeOf },
        resolveType: (value) => (typeof value === 'object' && value ? typeOf(value) : undefined),
      }),
  });
  if (shape.discriminator === undefined) {
    space.note(type.name, 'no discriminator: told apart by required and named properties');
  }
  return { type, answer: { kind: 'union', typeName: type.name, typeOf } };
}

function collect(shape: UnionShape, place: TypePlace, making: Making): Collected | undefined {
  const types = new Set<GraphQLObjectType>();
  const members: NamedMember[] = [];
  const own = making.space.wantedName(shape.source, place.hint);
  for (const [index, member] of shape.members.entries()) {
    const hint = `${own}${nameOfMember(member, index, making.space)}`;
    const below = { ...place, hint };
    if (member.shape.kind === 'union') {
      const inner = collect(member.shape, below, making);
      if (inner === undefined) return undefined;
      for (const type of inner.types) types.add(type);
      members.push({ member, typeOf: inner.typeOf });
    } else {
      const type = making.toObjectType(member.shape, below, making.space);
      if (type === undefined) return undefined;
      types.add(type);
      members.push({ member, typeOf: () => type.name });
    }
  }
  const { componentOf } = making.space;
  return { types, typeOf: compileTypeOf({ shape, members, componentOf }) };
}

/** By its name in the document, because its position changes when another is added. */
export function nameOfMember(
  { written }: UnionMember,
  index: number,
  { componentOf }: Pick<TypeSpace, 'componentOf'>,
): string {
  const title = isSchema(written) && typeof written.title === 'string' ? written.title : undefined;
  const name = toPascal(componentOf(written) ?? title ?? '');
  return name === '' ? `Option${index + 1}` : name;
}
