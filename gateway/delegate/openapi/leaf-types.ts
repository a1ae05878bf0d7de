/**
 * Scalars and enums: the GraphQL type, what of the wire it accepts, and how an argument is
 * written back. Nothing is coerced: a text where a number belongs is a wrong answer, because a
 * rule or a mask was chosen for the type that was declared.
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
import type { EnumShape, ScalarShape } from './schema-shape.ts';
import type { TypeSpace } from './type-space.ts';
import { assignNames, toEnumName } from './wire-names.ts';

export interface LeafType {
  type: GraphQLScalarType | GraphQLEnumType;
  /** Whether a value of an answer has the declared type. */
  accepts: (value: unknown) => boolean;
  /** The wire's value for an argument; undefined where the wire's type cannot hold it. */
  write: (value: unknown) => unknown;
}

/** `wire` is the property's or parameter's own name: `id` makes an ID. */
export function toScalarType(shape: ScalarShape, wire: string): LeafType {
  const { scalar } = shape;
  const identifies = wire === 'id' || shape.format === 'uuid';
  switch (scalar) {
    case 'string':
      return {
        type: identifies ? GraphQLID : GraphQLString,
        accepts: textOf(identifies),
        write: same,
      };
    case 'boolean':
      return { type: GraphQLBoolean, accepts: (value) => typeof value === 'boolean', write: same };
    case 'float':
      return { type: GraphQLFloat, accepts: Number.isFinite, write: same };
    case 'int':
    case 'long':
      if (identifies) return { type: GraphQLID, accepts: textOf(true), write: toInteger };
      return scalar === 'int'
        ? { type: GraphQLInt, accepts: isInt32, write: same }
        : { type: GraphQLFloat, accepts: Number.isSafeInteger, write: toInteger };
  }
}

export function toEnumType(shape: EnumShape, hint: string, space: TypeSpace): LeafType {
  const values = new Set<unknown>(shape.values);
  const type = space.share({
    family: 'enum',
    wanted: space.wantedName(shape.source, hint),
    source: shape.source,
    make: (name) => makeEnum(name, shape, space),
  });
  return { type, accepts: (value) => values.has(value), write: same };
}

function makeEnum(name: string, shape: EnumShape, space: TypeSpace): GraphQLEnumType {
  const names = assignNames(shape.values, {
    toName: toEnumName,
    collided: (value, got) =>
      space.note(`${name}.${got}`, `the name of the value ${JSON.stringify(value)} was taken`),
  });
  const values = [...names].map(([value, valueName]) => [valueName, { value }] as const);
  return new GraphQLEnumType({ name, values: Object.fromEntries(values) });
}

function same(value: unknown): unknown {
  return value;
}

/** Ids are texts here and numbers there; other texts are texts. */
function textOf(identifies: boolean): (value: unknown) => boolean {
  return (value) => typeof value === 'string' || (identifies && Number.isSafeInteger(value));
}

function isInt32(value: unknown): boolean {
  return typeof value === 'number' && value === (value | 0);
}

function toInteger(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}
