/**
 * Reads the shape of a JSON Schema. Anything ambiguous becomes `json` with the reason, never a
 * guess.
 *
 * Pure. Schemas are dereferenced and may be recursive: properties and items are passed on unread,
 * and what is read immediately (allOf, oneOf, anyOf) stops at a cycle or at a size limit.
 */
import { mergeAllOf } from './merge-all-of.ts';
import { permittedValues } from './permitted-values.ts';
import { readAlternatives } from './read-alternatives.ts';
import { toLostReference } from './references.ts';
import {
  isSchema,
  type JsonSchema,
  jsonShape,
  partsOf,
  permitsNull,
  propertiesOf,
  requiredOf,
  type ScalarShape,
  type SchemaLike,
  type Shape,
  typesOf,
  withRequired,
} from './schema-shape.ts';

const int32Max = 2_147_483_647;
/** Most schemas that one may consist of: a few lines can describe a million of them. */
const partsMax = 2_000;

const known = new WeakMap<JsonSchema, Shape>();

export function readShape(schema: SchemaLike): Shape {
  if (!isSchema(schema)) return jsonShape(undefined, true);
  const found = known.get(schema) ?? readPart(schema, [], { parts: 0 });
  known.set(schema, found);
  return found;
}

/** `above` are the schemas that contain this one by allOf, oneOf or anyOf. */
function readPart(
  schema: SchemaLike,
  above: readonly SchemaLike[],
  budget: { parts: number },
): Shape {
  if (!isSchema(schema)) return jsonShape(undefined, true);
  budget.parts += 1;
  if (budget.parts > partsMax) return jsonShape('a schema of too many parts', true);
  if (above.includes(schema)) return jsonShape('a schema that is a part of itself', true);
  if (schema.$ref !== undefined) return jsonShape(toLostReference(schema.$ref), true);
  const read = (part: SchemaLike): Shape => readPart(part, [...above, schema], budget);
  const shape =
    readAlternatives(schema, read) ??
    mergeAllOf(schema, read) ??
    readPlain(schema, typesOf(schema));
  return permitsNull(schema) && !shape.nullable ? { ...shape, nullable: true } : shape;
}

function readPlain(schema: JsonSchema, types: readonly string[]): Shape {
  const values = permittedValues(schema);
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
    case undefined:
    case 'any':
      return jsonShape(undefined, true);
    default:
      return jsonShape(`a type ${type} that JSON Schema does not have`, true);
  }
}

function readObject(schema: JsonSchema): Shape {
  const properties = new Map(propertiesOf(schema));
  if (properties.size === 0) return jsonShape(undefined);
  const { additionalProperties } = schema;
  const required = new Set(requiredOf(schema));
  return {
    kind: 'object',
    nullable: false,
    source: schema,
    properties: withRequired(properties, required),
    required,
    open: additionalProperties === true || isSchema(additionalProperties),
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
  const format = typeof schema.format === 'string' ? schema.format : undefined;
  return { kind: 'scalar', nullable: false, scalar, format };
}

function isLong(schema: JsonSchema): boolean {
  const bounds = [
    schema.minimum,
    schema.maximum,
    schema.exclusiveMinimum,
    schema.exclusiveMaximum,
    schema.default,
    schema.example,
    ...partsOf(schema.examples),
    ...partsOf(schema.enum),
  ];
  return (
    schema.format === 'int64' ||
    bounds.some((bound) => typeof bound === 'number' && Math.abs(bound) > int32Max)
  );
}
