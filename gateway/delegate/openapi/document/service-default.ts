/**
 * The value that a service assumes if an argument or property is not sent: the schema's default, or
 * for an object without one, those of its properties. The service applies it, so it is no default
 * of the graph; but it may select a field to search or sort by, so policies are compiled against
 * it.
 */
import { isJsonObject } from '../../../json-value.ts';
import { readShape } from './read-shape.ts';
import { isSchema, partsOf, type SchemaLike } from './schema-shape.ts';

/** YAML aliases allow values that contain themselves or explode when read. */
const valuesMax = 100;
const depthMax = 5;

/** For the `extensions` of an argument or input field; values and names as on the wire. */
export function toDefaultExtensions(schema: SchemaLike): { serviceDefault?: unknown } {
  const value = defaultOf(schema, 0);
  return value === undefined ? {} : { serviceDefault: value };
}

function defaultOf(schema: SchemaLike, depth: number): unknown {
  if (!isSchema(schema) || depth > depthMax) return undefined;
  const { allOf, oneOf, anyOf } = schema;
  const parts = [schema, ...partsOf(allOf), ...partsOf(oneOf), ...partsOf(anyOf)].filter(isSchema);
  const own = parts.find((part) => part.default !== undefined)?.default;
  if (own !== undefined) return copyOf(own, depth, { left: valuesMax });
  const shape = readShape(schema);
  if (shape.kind !== 'object') return undefined;
  const inside = [...shape.properties].flatMap(([name, property]) => {
    const value = defaultOf(property, depth + 1);
    return value === undefined ? [] : [[name, value] as const];
  });
  return inside.length === 0 ? undefined : Object.fromEntries(inside);
}

function copyOf(value: unknown, depth: number, values: { left: number }): unknown {
  values.left -= 1;
  if (values.left < 0 || depth > depthMax) return undefined;
  if (Array.isArray(value)) return value.map((item) => copyOf(item, depth + 1, values));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, copyOf(item, depth + 1, values)]),
  );
}
