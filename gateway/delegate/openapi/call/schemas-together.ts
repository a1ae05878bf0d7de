/**
 * The schemas that hold for one value together, such as the parts of an `allOf`: what one requires,
 * another may describe. Pure.
 */
import {
  isSchema,
  type JsonSchema,
  partsOf,
  propertiesOf,
  type SchemaLike,
} from '../document/schema-shape.ts';

/** A schema that is being checked, and those around it, which may be of another value. */
export interface Together {
  readonly schema: JsonSchema;
  readonly value: unknown;
  readonly around: Together | undefined;
}

/** How the schemas for `value` describe one of its properties. */
export function descriptionsOf(
  name: string,
  value: unknown,
  innermost: Together | undefined,
): SchemaLike[] {
  const found: SchemaLike[] = [];
  const seen = new Set<JsonSchema>();
  const look = (schema: SchemaLike): void => {
    if (!isSchema(schema) || seen.has(schema)) return;
    seen.add(schema);
    found.push(...propertiesOf(schema).flatMap(([key, one]) => (key === name ? [one] : [])));
    for (const part of partsOf(schema.allOf)) look(part);
  };
  for (let at = innermost; at?.value === value; at = at?.around) look(at?.schema);
  return found;
}
