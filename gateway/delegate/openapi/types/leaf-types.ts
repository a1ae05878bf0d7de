/**
 * Scalars and enums: the GraphQL type, how values of an answer are read, and how arguments are
 * written. Nothing is coerced: a string in place of a number is an invalid answer, because rules
 * and masks were chosen for the declared type.
 */
import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  type GraphQLScalarType,
  GraphQLString,
} from 'graphql';
import type { Accepted, AnswerShape } from '../call/answer-shape.ts';
import { assignNames, toEnumName } from '../call/wire-names.ts';
import type { EnumShape, ScalarShape } from '../document/schema-shape.ts';
import type { TypePlace } from './type-place.ts';
import type { TypeSpace } from './type-space.ts';

export interface LeafType {
  type: GraphQLScalarType | GraphQLEnumType;
  answer: AnswerShape;
  /** Converts an argument to the wire's value; undefined if the wire's type cannot represent it. */
  write: (value: unknown) => unknown;
}

/** `wire` is the property's or parameter's own name: `id` makes an ID. */
export function toScalarType(shape: ScalarShape, wire: string): LeafType {
  const { scalar } = shape;
  const identifies = wire === 'id' || shape.format === 'uuid';
  switch (scalar) {
    case 'string':
      return identifies ? leaf(GraphQLID, 'id', same) : leaf(GraphQLString, 'text', same);
    case 'boolean':
      return leaf(GraphQLBoolean, 'boolean', same);
    case 'float':
      return leaf(GraphQLFloat, 'float', same);
    case 'int':
    case 'long':
      if (identifies) return leaf(GraphQLID, 'id', toInteger);
      return scalar === 'int'
        ? leaf(GraphQLInt, 'int', same)
        : leaf(GraphQLFloat, 'long', toInteger);
  }
}

function leaf(
  type: GraphQLScalarType,
  accepts: Accepted,
  write: (value: unknown) => unknown,
): LeafType {
  return { type, answer: { kind: 'scalar', typeName: type.name, accepts }, write };
}

export function toEnumType(shape: EnumShape, place: TypePlace, space: TypeSpace): LeafType {
  const type = space.share({
    family: 'enum',
    wanted: space.wantedName(shape.source, place.hint),
    source: shape.source,
    place,
    make: (name) => makeEnum(name, shape, space),
  });
  const names = new Map<unknown, string>(
    type.getValues().map(({ name, value }): [unknown, string] => [value, name]),
  );
  return { type, answer: { kind: 'enum', typeName: type.name, names }, write: same };
}

function makeEnum(name: string, shape: EnumShape, space: TypeSpace): GraphQLEnumType {
  const names = assignNames(shape.values, {
    toName: toEnumName,
    collided: (value, got) =>
      space.note(`${name}.${got}`, `the name of the value ${JSON.stringify(value)} was taken`),
  });
  const values = [...names].map(([value, valueName]) => [valueName, { value }] as const);
  return new GraphQLEnumType({
    name,
    values: Object.fromEntries(values),
    // The enum in the composed graph has its own names as values.
    extensions: { wireValues: new Map([...names].map(([value, given]) => [given, value])) },
  });
}

function same(value: unknown): unknown {
  return value;
}

/** One spelling only: with leading zeros, one number would count as several ids. */
const wholeNumber = /^(?:0|-?[1-9]\d{0,15})$/;

function toInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && wholeNumber.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}
