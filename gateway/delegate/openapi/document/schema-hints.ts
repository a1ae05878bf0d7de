/**
 * Collects a schema's hints beyond the type: formats, patterns, names that the document gives the
 * schema, and vendor extensions (`x-pii: true`). They do not affect reading or sending; `scan` uses
 * them to classify fields whose names do not tell.
 *
 * A list has the hints of its items, and a schema those of its allOf, oneOf and anyOf parts.
 */
import { isJsonObject } from '../../../json-value.ts';
import { isSchema, type JsonSchema, partsOf, type SchemaLike } from './schema-shape.ts';

export interface SchemaHints {
  readonly formats: readonly string[];
  readonly patterns: readonly string[];
  /** Its component's name and its title. */
  readonly names: readonly string[];
  readonly marks: readonly { readonly name: string; readonly value: string }[];
}

/** Most schemas examined for one value: a document can combine any number. */
const schemasMax = 20;
/** Most marks of one schema, and most characters of each. */
const marksMax = 20;
const textMax = 500;

/** Formats that do not tell what a value is about. */
const common =
  /^(?:date|date-time|time|duration|u?int\d*|float|double|decimal|byte|binary|uuid|ur[iln].*|uri-.*|hostname|regex|json-pointer|string|number|boolean)$/i;

/** For the `extensions` of a field, argument or input field; empty if there are no hints. */
export function toHintExtensions(
  schema: SchemaLike,
  componentOf: (schema: SchemaLike) => string | undefined,
): { hints?: SchemaHints } {
  const parts = partsIn(schema);
  const texts = (of: (part: JsonSchema) => readonly unknown[]): readonly string[] => {
    const all = parts.flatMap(of).filter((one) => typeof one === 'string' && one !== '');
    return [...new Set(all.map((one) => String(one).slice(0, textMax)))];
  };
  const hints: SchemaHints = {
    formats: texts(({ format }) => [format]).filter((one) => !common.test(one)),
    patterns: texts(({ pattern }) => [pattern]),
    // An object is judged by its fields.
    names: texts((part) => (part.properties ? [] : [componentOf(part), part.title])),
    marks: parts.flatMap(marksOf).slice(0, marksMax),
  };
  return Object.values(hints).every((found) => found.length === 0) ? {} : { hints };
}

/** The schema, its items, and its parts. */
function partsIn(schema: SchemaLike): readonly JsonSchema[] {
  const parts = new Set<SchemaLike>([schema]);
  for (const part of parts) {
    if (!isSchema(part)) continue;
    const { items, allOf, oneOf, anyOf } = part;
    for (const next of [items, ...partsOf(allOf), ...partsOf(oneOf), ...partsOf(anyOf)]) {
      if (parts.size < schemasMax) parts.add(next);
    }
  }
  return [...parts].filter(isSchema);
}

/** Undefined without an OpenAPI document behind it, or without hints. */
export function hintsOf(extensions: Readonly<Record<string, unknown>>): SchemaHints | undefined {
  // Only `toHintExtensions` writes this key.
  return extensions.hints as SchemaHints | undefined;
}

/** For an extension that is an object, its own entries: `x-privacy: { category: health }`. */
function marksOf(schema: object): { name: string; value: string }[] {
  return Object.entries(schema)
    .filter(([key]) => key.startsWith('x-'))
    .slice(0, marksMax)
    .flatMap(([name, value]) => {
      const values = isJsonObject(value) ? Object.values(value) : [value].flat();
      const texts = values.slice(0, marksMax).filter((one) => typeof one !== 'object');
      return texts.map((one) => ({
        name: name.slice(0, textMax),
        value: String(one).slice(0, textMax),
      }));
    });
}
