/** What a value of JSON is, as parsed. What it holds is not yet checked. */

export type JsonObject = Readonly<Record<string, unknown>>;

/** Neither a list nor null. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An object or a list. */
export function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
