/**
 * Converts parameters of several types to a form that can be sent: in a URL any single value is
 * text, and one value is a list of one. Schemas without such a form stay unchanged.
 */
import { readShape } from './read-shape.ts';
import { isSchema, type JsonSchema, partsOf, type SchemaLike } from './schema-shape.ts';

export interface SendableSchema {
  readonly schema: SchemaLike;
  /**
   * The possible meanings of a text to the service: itself, a number, a boolean. Undefined if a
   * value means only itself.
   */
  readonly meaningsOf: ((value: unknown) => readonly unknown[]) | undefined;
}

/** `oneOf: [text, integer]` becomes text; `oneOf: [text, list of texts]` the list. */
export function toSendable(schema: SchemaLike): SendableSchema {
  if (!isSchema(schema) || readShape(schema).kind !== 'json')
    return { schema, meaningsOf: undefined };
  const others = [...partsOf(schema.oneOf), ...partsOf(schema.anyOf)].filter(
    (one) => readShape(one).kind !== 'json' || !readShape(one).nullable,
  );
  const { description, default: fallback } = schema;
  const own: JsonSchema = { ...(description && { description }) };
  if (fallback !== undefined) own.default = fallback;
  if (others.length > 1 && others.every(isSingle)) {
    return { schema: { ...own, type: 'string' }, meaningsOf };
  }
  const [list, ...more] = others.filter((one) => readShape(one).kind === 'list');
  const isOfOne = isSchema(list) && more.length === 0 && others.length > 1;
  if (!isOfOne || !others.every((one) => one === list || isItemOf(list, one))) {
    return { schema, meaningsOf: undefined };
  }
  return { schema: { ...list, ...own }, meaningsOf: undefined };
}

function isSingle(schema: SchemaLike): boolean {
  const { kind } = readShape(schema);
  return kind === 'scalar' || kind === 'enum';
}

/** Documents write `oneOf: [enum, text]` though the enum's values are texts: any match will do. */
export function toCheckable(schema: SchemaLike): SchemaLike {
  if (!isSchema(schema)) return schema;
  const { oneOf, anyOf, ...own } = schema;
  const parts = partsOf(oneOf);
  if (parts.length === 0 || anyOf !== undefined || !parts.every(isSingle)) return schema;
  return { ...own, anyOf: [...parts] };
}

function isItemOf({ items }: JsonSchema, one: SchemaLike): boolean {
  const [item, single] = [readShape(items), readShape(one)];
  if (item.kind === 'scalar' && single.kind === 'scalar') return item.scalar === single.scalar;
  return items === one;
}

function meaningsOf(value: unknown): readonly unknown[] {
  if (typeof value !== 'string') return [value];
  if (value === 'true' || value === 'false') return [value, value === 'true'];
  return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(value) ? [value, Number(value)] : [value];
}
