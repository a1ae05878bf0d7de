/**
 * allOf: parts that say nothing of the type fall away, one remaining part stands for the whole,
 * several objects merge, and a part with alternatives gives each of them the rest. A property
 * that two parts describe differently becomes opaque and is listed, unless both give the same
 * scalar.
 */
import { mergedWith } from './read-alternatives.ts';
import { isSameSchema } from './same-schema.ts';
import {
  isSchema,
  type JsonSchema,
  jsonShape,
  type ObjectShape,
  partsOf,
  requiredOf,
  type SchemaLike,
  type Shape,
  type UnionMember,
  type UnionShape,
} from './schema-shape.ts';

type Read = (schema: SchemaLike) => Shape;

/** The shape of a schema with allOf; undefined for a schema without. */
export function mergeAllOf(schema: JsonSchema, read: Read): Shape | undefined {
  if (partsOf(schema.allOf).length === 0) return undefined;
  const { allOf, ...own } = schema;
  const all = [...partsOf(allOf), own].filter(isSchema);
  const telling = all.filter(tellsType);
  const parts = telling.map(read);
  const [first] = parts;
  if (first === undefined) return jsonShape(undefined);
  // Constraints beside the parts, as in `allOf: [Employee, { required: [id] }]`.
  const required = all.filter((part) => !tellsType(part)).flatMap(requiredOf);
  if (parts.length === 1 && required.length === 0) {
    // `own` is a copy made here: the schema itself has to stand for the type.
    return 'source' in first && tellsType(own) ? { ...first, source: schema } : first;
  }
  const objects = parts.filter((part) => part.kind === 'object');
  if (objects.length === parts.length)
    return mergeObjects({ source: schema, objects, required, read });
  if (objects.length === parts.length - 1) {
    const spread = spreadUnion({ schema, telling: all, parts, read });
    if (spread !== undefined) return spread;
  }
  return parts.every((part) => isSameScalar(part, first))
    ? first
    : jsonShape('allOf of parts that are not all objects');
}

const tellingKeys = ['properties', 'items', 'enum', 'const', 'allOf', 'oneOf', 'anyOf', '$ref'];

function tellsType(part: JsonSchema): boolean {
  const { type } = part;
  return (type !== undefined && type !== 'object') || tellingKeys.some((key) => key in part);
}

/** `allOf: [Base, { oneOf: [A, B] }]` is one of Base with A, and Base with B. */
function spreadUnion(about: {
  schema: JsonSchema;
  telling: readonly JsonSchema[];
  parts: readonly Shape[];
  read: Read;
}): UnionShape | undefined {
  const { schema, telling, parts, read } = about;
  const union = parts.find((part) => part.kind === 'union');
  if (union === undefined) return undefined;
  const rest = telling.filter((part) => part !== union.source);
  const members: UnionMember[] = [];
  for (const { written, schema: alternative } of union.members) {
    const whole = mergedWith({ allOf: rest }, alternative, schema);
    const shape = read(whole);
    if (shape.kind !== 'object' && shape.kind !== 'union') return undefined;
    members.push({ written, schema: whole, shape });
  }
  return { ...union, source: schema, members };
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
  return isSameSchema(one, other) || isSameScalar(read(one), read(other));
}

function isSameScalar(one: Shape, other: Shape): boolean {
  return one.kind === 'scalar' && other.kind === 'scalar' && one.scalar === other.scalar;
}
