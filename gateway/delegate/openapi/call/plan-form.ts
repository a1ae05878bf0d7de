/**
 * Plans which properties of a form can be sent, and how: by the document's `encoding`, else by the
 * defaults of OpenAPI 3.1: single values as they are, lists as repeated names, objects as JSON.
 * Properties without a clear spelling are left out and named; if one is required, there is no form.
 */
import type { ApiEncoding } from '../document/list-operations.ts';
import { toSendable } from '../document/parameter-schema.ts';
import { type FormContent, isJsonMediaType } from '../document/pick-media-type.ts';
import { readShape } from '../document/read-shape.ts';
import { isLeaf } from '../document/scalar-shapes.ts';
import {
  isReadOnly,
  isSchema,
  type ObjectShape,
  propertiesOf,
  type SchemaLike,
  type Shape,
  typesOf,
} from '../document/schema-shape.ts';
import { isFlat, isPlainList, toListStyle } from './query-style.ts';
import type { FormField, FormStyle } from './write-form.ts';

export interface FormPlan {
  /** Schema of the properties that can be sent: the document's own if none is left out. */
  readonly schema: SchemaLike;
  readonly fields: readonly FormField[];
  /** Wire names of those that cannot. */
  readonly leftOut: readonly string[];
}

interface Planned {
  readonly wire: string;
  readonly schema: SchemaLike;
  readonly style: FormStyle | undefined;
}

/** The plan, or the reason why there is none; `parameters` are the operation's query parameters. */
export function planForm(
  { schema, encoding }: FormContent,
  parameters: readonly string[],
): FormPlan | string {
  const shape = readShape(schema);
  if (shape.kind !== 'object') {
    const isEmpty = isSchema(schema) && isEmptyForm(schema);
    return isEmpty ? { schema, fields: [], leftOut: [] } : 'a form that is no single object';
  }
  const all = [...shape.properties]
    .filter(([, property]) => !isReadOnly(property))
    .map(([wire, property]) => ({
      wire,
      schema: property,
      style: toFormStyle(property, encoding.get(wire) ?? {}),
    }));
  const fields = all.filter((one): one is Planned & FormField => isSent(one, all, parameters));
  const kept = new Set(fields.map(({ wire }) => wire));
  const lost = all.filter(({ wire }) => !kept.has(wire)).map(({ wire }) => wire);
  const required = lost.find((wire) => shape.required.has(wire));
  if (required !== undefined) return `a form whose ${required} has no clear spelling`;
  const leftOut = shape.open ? [...lost, 'further names'] : lost;
  const sent = leftOut.length === 0 ? schema : withOnly(shape, kept);
  return { schema: sent, fields: fields.map(({ wire, style }) => ({ wire, style })), leftOut };
}

/** A form of an operation without input, as documents write it. */
function isEmptyForm(schema: Exclude<SchemaLike, boolean | undefined>): boolean {
  const { $ref, allOf, oneOf, anyOf, patternProperties, additionalProperties } = schema;
  const others = [$ref, allOf, oneOf, anyOf, patternProperties];
  const isClosed = additionalProperties === undefined || additionalProperties === false;
  return isClosed && others.every((one) => one === undefined) && propertiesOf(schema).length === 0;
}

/** A new schema: rules on properties that are left out would have no effect. */
function withOnly(shape: ObjectShape, kept: ReadonlySet<string>): SchemaLike {
  const { description } = shape.source;
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    ...(shape.nullable ? { nullable: true } : {}),
    properties: Object.fromEntries([...shape.properties].filter(([wire]) => kept.has(wire))),
    required: [...shape.required].filter((wire) => kept.has(wire)),
  };
}

/** Undefined if there is no clear spelling. A style takes precedence over a media type. */
function toFormStyle(schema: SchemaLike, encoding: ApiEncoding): FormStyle | undefined {
  const { style, explode, contentType } = encoding;
  const shape = readShape(schema);
  if (isFile(shape) || (shape.kind === 'list' && isFile(readShape(shape.items)))) return undefined;
  if (style === 'deepObject') return 'deep';
  const hasStyle = style !== undefined || explode !== undefined;
  if (!hasStyle && contentType !== undefined) {
    if (isJsonMediaType(contentType)) return 'json';
    return isLeaf(shape) && /^text\/plain\s*(?:;|$)/i.test(contentType) ? 'one' : undefined;
  }
  if (!hasStyle && isObject(schema, shape)) return 'json';
  return toStyled(schema, style ?? 'form', explode);
}

function toStyled(
  schema: SchemaLike,
  style: string,
  explode = style === 'form',
): FormStyle | undefined {
  const shape = readShape(toSendable(schema).schema);
  if (isLeaf(shape)) return style === 'form' ? 'one' : undefined;
  if (isPlainList(shape)) return toListStyle(style, explode);
  // Open objects would let a caller write any name of the form.
  const isSpread = style === 'form' && explode && shape.kind === 'object' && !shape.open;
  return isSpread && isFlat(shape) ? 'spread' : undefined;
}

function isFile(shape: Shape): boolean {
  return shape.kind === 'scalar' && shape.format === 'binary';
}

function isObject(schema: SchemaLike, { kind }: Shape): boolean {
  if (kind === 'object' || kind === 'union') return true;
  return isSchema(schema) && kind === 'json' && typesOf(schema).join() === 'object';
}

/**
 * The names that an object writes must not be subject to a rule on another property, nor on a
 * parameter, which services may also take from the body.
 */
function isSent(one: Planned, all: readonly Planned[], parameters: readonly string[]): boolean {
  const { style, wire } = one;
  if (style === undefined) return false;
  if (style !== 'deep' && style !== 'spread') return true;
  const own = namesOf(one);
  const isBelow = (name: string): boolean => style === 'deep' && name.startsWith(`${wire}[`);
  const others = all.filter((other) => other !== one).flatMap(namesOf);
  if (others.some((name) => own.includes(name) || isBelow(name))) return false;
  return !parameters.some((name) => isBelow(name) || (style === 'spread' && own.includes(name)));
}

function namesOf({ wire, style, schema }: Planned): readonly string[] {
  if (style !== 'spread') return [wire];
  const shape = readShape(schema);
  return shape.kind === 'object' ? [...shape.properties.keys()] : [];
}
