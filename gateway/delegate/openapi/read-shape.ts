/**
 * Reads the shape of a JSON Schema. Everything that has no clear answer becomes `json` with the
 * reason, never a guess.
 *
 * Pure. Schemas are dereferenced and may be recursive: properties and items are handed on
 * unread, and what is read here at once (allOf, oneOf, anyOf) stops where it meets itself.
 */
import { mergeAllOf } from './merge-all-of.ts';
import {
  type JsonSchema,
  jsonShape,
  type ScalarShape,
  type SchemaLike,
  type Shape,
} from './schema-shape.ts';

const int32Max = 2_147_483_647;

/** `above` are the schemas that this one is a part of, by allOf, oneOf or anyOf. */
export function readShape(schema: SchemaLike, above: readonly SchemaLike[] = []): Shape {
  if (typeof schema !== 'object' || schema === null) return jsonShape(undefined, true);
  if (above.includes(schema)) return jsonShape('a schema that is a part of itself', true);
  if (schema.$ref !== undefined) return jsonShape('a reference that leads to itself', true);
  const types = [schema.type ?? []].flat();
  const read = (part: SchemaLike): Shape => readShape(part, [...above, schema]);
  const shape = readUnion(schema, read) ?? mergeAllOf(schema, read) ?? readPlain(schema, types);
  const permitsNull =
    schema.nullable === true ||
    types.includes('null') ||
    schema.const === null ||
    (schema.enum?.includes(null) ?? false);
  return permitsNull && !shape.nullable ? { ...shape, nullable: true } : shape;
}

/** oneOf and anyOf: one alternative beside null is that alternative; more are opaque. */
function readUnion(schema: JsonSchema, read: (part: SchemaLike) => Shape): Shape | undefined {
  const all = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  if (all.length === 0 || (schema.properties !== undefined && all.every(isConstraintOnly))) {
    return undefined;
  }
  const others = all.filter((each) => !isNullOnly(each));
  const [only] = others;
  if (others.length === 1 && schema.properties === undefined && schema.allOf === undefined) {
    const shape = read(only);
    return others.length < all.length ? { ...shape, nullable: true } : shape;
  }
  return jsonShape(`one of ${others.length} alternatives`, others.length < all.length);
}

/** Alternatives such as `{ required: [id] }` say nothing of the type. */
function isConstraintOnly(schema: SchemaLike): boolean {
  return typeof schema === 'object' && Object.keys(schema).every((key) => key === 'required');
}

function isNullOnly(schema: SchemaLike): boolean {
  return typeof schema === 'object' && (schema.type === 'null' || schema.const === null);
}

function readPlain(schema: JsonSchema, types: readonly string[]): Shape {
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  if (values !== undefined) return readEnum(schema, values);
  const named = types.filter((type) => type !== 'null');
  if (named.length > 1) {
    const numeric = named.every((type) => type === 'integer' || type === 'number');
    return numeric ? scalarShape('float', schema) : jsonShape(`one of ${named.join(', ')}`);
  }
  const [type = schema.properties !== undefined ? 'object' : schema.items && 'array'] = named;
  switch (type) {
    case 'object':
      return readObject(schema);
    case 'array':
      return { kind: 'list', nullable: false, items: schema.items };
    case 'string':
    case 'boolean':
      return scalarShape(type, schema);
    case 'number':
      return scalarShape('float', schema);
    case 'integer':
      return scalarShape(isLong(schema) ? 'long' : 'int', schema);
    default:
      return jsonShape(undefined);
  }
}

function readObject(schema: JsonSchema): Shape {
  const properties = new Map(Object.entries(schema.properties ?? {}));
  if (properties.size === 0) return jsonShape(undefined);
  const open = schema.additionalProperties !== undefined && schema.additionalProperties !== false;
  const required = new Set(schema.required ?? []);
  return {
    kind: 'object',
    nullable: false,
    source: schema,
    properties,
    required,
    open,
    conflicts: [],
  };
}

function readEnum(schema: JsonSchema, all: readonly unknown[]): Shape {
  const values = [...new Set(all.filter((value) => value !== null))];
  if (values.length > 0 && values.every((value) => typeof value === 'boolean')) {
    return scalarShape('boolean', schema);
  }
  const plain = values.filter((value) => typeof value === 'string' || typeof value === 'number');
  if (plain.length === 0 || plain.length < values.length) {
    return jsonShape('an enum of values that are neither texts nor numbers');
  }
  return { kind: 'enum', nullable: false, source: schema, values: plain };
}

function scalarShape(scalar: ScalarShape['scalar'], schema: JsonSchema): ScalarShape {
  return { kind: 'scalar', nullable: false, scalar, format: schema.format };
}

function isLong(schema: JsonSchema): boolean {
  return (
    schema.format === 'int64' ||
    Math.abs(schema.minimum ?? 0) > int32Max ||
    Math.abs(schema.maximum ?? 0) > int32Max
  );
}
