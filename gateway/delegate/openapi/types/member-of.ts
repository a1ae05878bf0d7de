/**
 * Decides which of a union's types an object is: by its discriminator, or without one, by what each
 * type requires and declares. Several matches are a failure, never a guess: the rules of one type
 * would be applied to the data of another.
 */
import { ownValue } from '../call/answer-shape.ts';
import { isOfSchema } from '../call/check-value.ts';
import { permittedValues } from '../document/permitted-values.ts';
import type { ObjectShape, SchemaLike, UnionMember, UnionShape } from '../document/schema-shape.ts';

export interface NamedMember {
  readonly member: UnionMember;
  /** The type of an object of this member; a nested union asks its own members. */
  readonly typeOf: (value: object) => string | undefined;
}

/** The name of the one type of an object; undefined if that is ambiguous. */
export function compileTypeOf(about: Unions): (value: object) => string | undefined {
  const byValue = membersByValue(about);
  const property = about.shape.discriminator?.property;
  if (property === undefined || byValue.size === 0) return typeOfFitting(about.members);
  return (value) => byValue.get(ownValue(value, property))?.typeOf(value);
}

interface Unions {
  shape: UnionShape;
  members: readonly NamedMember[];
  componentOf: (schema: SchemaLike) => string | undefined;
}

/** Members by discriminator value; a value that two types claim belongs to neither. */
export function membersByValue(about: Unions): Map<unknown, NamedMember> {
  const claims = new Map<unknown, Set<NamedMember>>();
  for (const one of about.members) {
    for (const value of claimsOf(one, about)) {
      claims.set(value, (claims.get(value) ?? new Set()).add(one));
    }
  }
  const byValue = new Map<unknown, NamedMember>();
  for (const [value, [only, ...others]] of claims) {
    if (only !== undefined && others.length === 0) byValue.set(value, only);
  }
  return byValue;
}

/** A member's values in the mapping, and those of its own enum, or else its component's name. */
function claimsOf({ member }: NamedMember, { shape, componentOf }: Unions): unknown[] {
  const { discriminator } = shape;
  if (discriminator === undefined) return [];
  const { property, targets } = discriminator;
  const mapped: unknown[] = [...targets]
    .filter(([, target]) => isTarget(member, target, componentOf))
    .map(([value]) => value);
  const own = valuesOf(member, property);
  const name = componentOf(member.written);
  const others = own.length > 0 || name === undefined ? own : [name];
  return [...mapped, ...others.filter((value) => typeof value !== 'string' || !targets.has(value))];
}

function isTarget(
  { written }: UnionMember,
  target: SchemaLike,
  componentOf: (schema: SchemaLike) => string | undefined,
): boolean {
  if (written === target) return true;
  const name = componentOf(target);
  return name !== undefined && name === componentOf(written);
}

/** The values that a member itself permits for the discriminator. */
function valuesOf({ shape }: UnionMember, property: string): readonly unknown[] {
  const schema = shape.kind === 'object' ? shape.properties.get(property) : undefined;
  return permittedValues(schema) ?? [];
}

function typeOfFitting(members: readonly NamedMember[]): (value: object) => string | undefined {
  return (value) => {
    const fitting = members.filter(({ member }) => isOfSchema(member.schema, value));
    const [first, ...others] = fitting.length > 1 ? fitting.filter(declaresAll(value)) : fitting;
    return others.length === 0 ? first?.typeOf(value) : undefined;
  };
}

/** Schemas are open: a property that one type does not declare may still be the other's. */
function declaresAll(value: object): (one: NamedMember) => boolean {
  const keys = Object.keys(value);
  const knows = (shape: ObjectShape, key: string): boolean => shape.properties.has(key);
  return ({ member: { shape } }) =>
    shape.kind === 'union' || keys.every((key) => knows(shape, key));
}
