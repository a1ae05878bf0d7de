/**
 * The values that `enum` or `const` permit, as the schema's type has them. YAML reads an unquoted
 * `[1, 3]` beside `type: string` as numbers, and documents quote numbers; the type says what the
 * service takes and sends.
 */
import { isSchema, type JsonSchema, type SchemaLike, typesOf } from './schema-shape.ts';

const known = new WeakMap<JsonSchema, readonly unknown[] | undefined>();

/** Undefined if the schema does not list its values. */
export function permittedValues(schema: SchemaLike): readonly unknown[] | undefined {
  if (!isSchema(schema) || (schema.enum === undefined && schema.const === undefined)) {
    return undefined;
  }
  if (!known.has(schema)) known.set(schema, listValues(schema));
  return known.get(schema);
}

/** Of each item of a list, where the list has the values and its items list none. */
export function permittedItems({
  items,
  enum: values,
}: JsonSchema): readonly unknown[] | undefined {
  if (!Array.isArray(values) || values.some(Array.isArray)) return undefined;
  if (permittedValues(items) !== undefined) return undefined;
  return listValues({ ...(isSchema(items) && items), enum: values });
}

function listValues(schema: JsonSchema): readonly unknown[] | undefined {
  const values = Array.isArray(schema.enum)
    ? schema.enum
    : schema.const === undefined
      ? undefined
      : [schema.const];
  const [type, ...others] = typesOf(schema).filter((each) => each !== 'null');
  if (values === undefined || type === undefined || others.length > 0) return values;
  // Beside a list these are meant for its items.
  if (type === 'array') return values.some(Array.isArray) ? values : undefined;
  return values.map((value) => toTyped(value, type));
}

function toTyped(value: unknown, type: string): unknown {
  switch (type) {
    case 'string':
      return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
    case 'integer':
    case 'number':
      return typeof value === 'string' && plainNumber.test(value) ? Number(value) : value;
    case 'boolean':
      return value === 'true' || value === 'false' ? value === 'true' : value;
    default:
      return value;
  }
}

const plainNumber = /^-?\d{1,15}(?:\.\d{1,15})?$/;
