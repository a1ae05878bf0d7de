/**
 * Resolves allOf: parts that do not constrain the type are dropped, a single remaining part stands
 * for the whole, several objects merge, and a part with alternatives combines each of them with the
 * rest. A property described differently by two parts becomes opaque and is listed, unless one of
 * them says nothing about it, or both are one scalar type, of which one may list the values.
 */
import { mergedWith } from './read-alternatives.ts';
import { isSameSchema } from './same-schema.ts';
import { leafOfAll } from './scalar-shapes.ts';
import {
  isReadOnly,
  isSchema,
  isWriteOnly,
  type JsonSchema,
  jsonShape,
  type ObjectShape,
  partsOf,
  propertiesOf,
  requiredOf,
  type SchemaLike,
  type Shape,
  type UnionMember,
  type UnionShape,
  withRequired,
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
    // `own` is a copy made here: the schema itself must identify the type.
    return 'source' in first && tellsType(own) ? { ...first, source: schema } : first;
  }
  const objects = parts.filter((part) => part.kind === 'object');
  if (objects.length === parts.length)
    return mergeObjects({ source: schema, objects, required, read });
  if (objects.length === parts.length - 1) {
    const spread = spreadUnion({ schema, telling: all, parts, read });
    if (spread !== undefined) return spread;
  }
  const leaf = leafOfAll(parts, schema);
  if (leaf === undefined) {
    const why = parts.flatMap((part) => (part.kind === 'json' && part.why) || []);
    return jsonShape(why[0] ?? 'allOf of parts that are not all objects');
  }
  return 'source' in leaf && leaf.source === own ? { ...leaf, source: schema } : leaf;
}

const tellingKeys = ['items', 'enum', 'const', 'allOf', 'oneOf', 'anyOf', '$ref'];

/** `properties: {}` tells nothing: documents write it beside a base that is not extended. */
function tellsType(part: JsonSchema): boolean {
  const { type } = part;
  const isOther = type !== undefined && type !== 'object';
  return isOther || propertiesOf(part).length > 0 || tellingKeys.some((key) => key in part);
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
    if (!properties.has(name)) {
      properties.set(name, property);
      continue;
    }
    const before = properties.get(name);
    const both = bothOf(before, property, read);
    properties.set(name, markedAs(both ?? true, [before, property]));
    if (both === undefined) conflicts.add(name);
  }
  const required = new Set([...objects.flatMap((part) => [...part.required]), ...about.required]);
  return {
    kind: 'object',
    nullable: objects.every((part) => part.nullable),
    source,
    properties: withRequired(properties, required),
    required,
    open: objects.some((part) => part.open),
    conflicts: [...conflicts],
  };
}

/** The more specific of two descriptions of a property; undefined if neither includes the other. */
function bothOf(one: SchemaLike, other: SchemaLike, read: Read): SchemaLike {
  if (isSameSchema(one, other)) return other;
  const [first, second] = [read(one), read(other)];
  if (saysNothing(one, first, second)) return other;
  if (saysNothing(other, second, first)) return one;
  const leaf = leafOfAll([first, second], {});
  if (leaf === first && leaf.kind === 'enum') return one;
  return leaf === second || leaf?.kind === 'scalar' ? other : undefined;
}

/** A property is read-only or write-only as a whole if any part says so. */
function markedAs(schema: SchemaLike, parts: readonly SchemaLike[]): SchemaLike {
  const readOnly = parts.some(isReadOnly);
  const writeOnly = parts.some(isWriteOnly);
  if (readOnly === isReadOnly(schema) && writeOnly === isWriteOnly(schema)) return schema;
  // Wrapped, because a copy would be another type.
  return { allOf: [schema], ...(readOnly && { readOnly }), ...(writeOnly && { writeOnly }) };
}

/** `{}`, or beside an object `{ type: object }`. */
function saysNothing(schema: SchemaLike, { kind }: Shape, beside: Shape): boolean {
  if (schema === true) return true;
  if (kind !== 'json' || !isSchema(schema)) return false;
  if (propertiesOf(schema).length > 0) return false;
  const {
    additionalProperties: rest = true,
    type,
    description: _,
    title: _t,
    properties: _p,
    ...more
  } = schema;
  const isFree = rest === true || (isSchema(rest) && Object.keys(rest).length === 0);
  if (!isFree || Object.keys(more).some((key) => !saysNoType.test(key))) return false;
  return type === undefined || (type === 'object' && isObjects(beside));
}

const saysNoType = /^(?:x-.*|examples?|default|nullable|readOnly|writeOnly|deprecated)$/;

function isObjects({ kind }: Shape): boolean {
  return kind === 'object' || kind === 'union';
}
