/**
 * allOf: parts that say nothing of the type fall away, one remaining part stands for the whole,
 * several objects merge. A property that two parts describe differently becomes opaque and is
 * listed, unless both give the same scalar.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  type JsonSchema,
  jsonShape,
  type ObjectShape,
  type SchemaLike,
  type Shape,
} from './schema-shape.ts';

type Read = (schema: SchemaLike) => Shape;

/** The shape of a schema with allOf; undefined for a schema without. */
export function mergeAllOf(schema: JsonSchema, read: Read): Shape | undefined {
  if (schema.allOf === undefined || schema.allOf.length === 0) return undefined;
  const { allOf, ...own } = schema;
  const all = [...allOf, own].filter((part) => typeof part === 'object');
  const parts = all.filter(tellsType).map(read);
  const [first] = parts;
  if (first === undefined) return jsonShape(undefined);
  // Constraints beside the parts, as in `allOf: [Employee, { required: [id] }]`.
  const required = all.filter((part) => !tellsType(part)).flatMap((part) => part.required ?? []);
  if (parts.length === 1 && required.length === 0) {
    // `own` is a copy made here: the schema itself has to stand for the type.
    return 'source' in first && tellsType(own) ? { ...first, source: schema } : first;
  }
  const objects = parts.filter((part) => part.kind === 'object');
  if (objects.length === parts.length)
    return mergeObjects({ source: schema, objects, required, read });
  return parts.every((part) => isSameScalar(part, first))
    ? first
    : jsonShape('allOf of parts that are not all objects');
}

const tellingKeys = ['properties', 'items', 'enum', 'const', 'allOf', 'oneOf', 'anyOf', '$ref'];

function tellsType(part: JsonSchema): boolean {
  const { type } = part;
  return (type !== undefined && type !== 'object') || tellingKeys.some((key) => key in part);
}

function mergeObjects(about: {
  source: JsonSchema;
  objects: readonly ObjectShape[];
  required: readonly string[];
  read: Read;
}): ObjectShape {
  const { source, objects, read } = about;
  const properties = new Map<string, SchemaLike>();
  const conflicts = new Set(objects.flatMap((part) => part.conflicts));
  for (const [name, property] of objects.flatMap((part) => [...part.properties])) {
    if (!properties.has(name) || isSameProperty(properties.get(name), property, read)) {
      properties.set(name, property);
    } else {
      properties.set(name, true);
      conflicts.add(name);
    }
  }
  return {
    kind: 'object',
    nullable: objects.every((part) => part.nullable),
    source,
    properties,
    required: new Set([...objects.flatMap((part) => [...part.required]), ...about.required]),
    open: objects.some((part) => part.open),
    conflicts: [...conflicts],
  };
}

function isSameProperty(one: SchemaLike, other: SchemaLike, read: Read): boolean {
  return one === other || isDeepStrictEqual(one, other) || isSameScalar(read(one), read(other));
}

function isSameScalar(one: Shape, other: Shape): boolean {
  return one.kind === 'scalar' && other.kind === 'scalar' && one.scalar === other.scalar;
}
