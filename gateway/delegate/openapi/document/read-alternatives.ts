/**
 * Resolves oneOf and anyOf. A single alternative beside null is that alternative; alternatives that
 * are all objects are a union; one scalar described in several ways is that scalar, and enums are
 * one enum; anything else is opaque.
 */
import { leafOfAny } from './scalar-shapes.ts';
import {
  type Discriminator,
  isSchema,
  type JsonSchema,
  jsonShape,
  type ObjectShape,
  partsOf,
  permitsNull,
  type SchemaLike,
  type Shape,
  type UnionMember,
  type UnionShape,
} from './schema-shape.ts';

type Read = (schema: SchemaLike) => Shape;

/** The shape of a schema with alternatives; undefined for one without. */
export function readAlternatives(schema: JsonSchema, read: Read): Shape | undefined {
  const { oneOf, anyOf, discriminator: _, nullable: _n, ...own } = schema;
  const all = [...partsOf(oneOf), ...partsOf(anyOf)];
  const hasOwn = own.properties !== undefined || partsOf(own.allOf).length > 0;
  if (all.length === 0 || (hasOwn && all.every(isConstraintOnly))) return undefined;
  const others = all.filter((each) => !isNullOnly(each));
  const nullable = others.length < all.length;
  if (partsOf(oneOf).length > 0 && partsOf(anyOf).length > 0) {
    return jsonShape('oneOf beside anyOf', nullable);
  }
  const members = others.map((written) => ({
    written,
    schema: hasOwn ? mergedWith(own, written, schema) : written,
  }));
  const shapes = members.map((member) => read(member.schema));
  const shape = toShape(schema, members, shapes);
  return nullable ? { ...shape, nullable: true } : shape;
}

function toShape(
  source: JsonSchema,
  members: readonly Omit<UnionMember, 'shape'>[],
  shapes: readonly Shape[],
): Shape {
  const [first] = shapes;
  if (first === undefined) return jsonShape(undefined, true);
  if (shapes.length === 1) return first;
  const nullable = shapes.some((each) => each.nullable);
  if (shapes.every(isStructure)) {
    return {
      kind: 'union',
      nullable,
      source,
      members: members.map(
        (member, index) => ({ ...member, shape: shapes[index] ?? shapes[0] }) as UnionMember,
      ),
      discriminator: toDiscriminator(source.discriminator),
    };
  }
  return leafOfAny(shapes, source) ?? jsonShape(`one of ${shapes.length} alternatives`, nullable);
}

function isStructure(shape: Shape): shape is ObjectShape | UnionShape {
  return shape.kind === 'object' || shape.kind === 'union';
}

function toDiscriminator(discriminator: JsonSchema['discriminator']): Discriminator | undefined {
  if (typeof discriminator === 'string') return { property: discriminator, targets: new Map() };
  if (typeof discriminator?.propertyName !== 'string') return undefined;
  return { property: discriminator.propertyName, targets: discriminator.targets ?? new Map() };
}

const merged = new WeakMap<JsonSchema, Map<SchemaLike, JsonSchema>>();

/** Cached per alternative: the identity of the merged schema stands for its type. */
export function mergedWith(own: SchemaLike, written: SchemaLike, schema: JsonSchema): JsonSchema {
  const known = merged.get(schema) ?? new Map<SchemaLike, JsonSchema>();
  merged.set(schema, known);
  const found = known.get(written) ?? { allOf: [own, written] };
  known.set(written, found);
  return found;
}

/** Alternatives such as `{ required: [id] }` do not describe a type. */
export function isConstraintOnly(schema: SchemaLike): boolean {
  return isSchema(schema) && Object.keys(schema).every((key) => ['required', 'not'].includes(key));
}

function isNullOnly(schema: SchemaLike): boolean {
  if (!isSchema(schema) || !permitsNull(schema)) return false;
  const { type, const: only, enum: values } = schema;
  return [type].flat().join() === 'null' || only === null || (values?.length ?? 0) === 1;
}
