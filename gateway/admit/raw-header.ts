/**
 * The first value of a raw header (name, value, name, value), without building an object of all
 * headers: used before a request is admitted.
 */
export function rawHeader(raw: readonly string[], lowerName: string): string | undefined {
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index];
    if (name === undefined || name.length !== lowerName.length) continue;
    if (name === lowerName || name.toLowerCase() === lowerName) return raw[index + 1];
  }
  return undefined;
}
