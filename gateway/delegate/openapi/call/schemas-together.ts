/**
 * The schemas that hold for one value together, such as the parts of an `allOf`: what one requires,
 * another may describe. Pure.
 */
import {
  isSchema,
  type JsonSchema,
  partsOf,
  propertyOf,
  type SchemaLike,
} from '../document/schema-shape.ts';

/** A schema that is being checked, and those around it, which may be of another value. */
export interface Together {
  readonly schema: JsonSchema;
  readonly value: unknown;
  readonly around: Together | undefined;
}

/** Whether one of the schemas for `value` describes its property so. */
export function isDescribed(
  name: string,
  about: {
    readonly value: unknown;
    readonly within: Together | undefined;
    readonly as: (property: SchemaLike) => boolean;
  },
): boolean {
  const seen = new Set<JsonSchema>();
  const look = (schema: SchemaLike): boolean => {
    if (!isSchema(schema) || seen.has(schema)) return false;
    seen.add(schema);
    return about.as(propertyOf(schema, name)) || partsOf(schema.allOf).some(look);
  };
  for (let at = about.within; at?.value === about.value; at = at?.around) {
    if (look(at?.schema)) return true;
  }
  return false;
}
