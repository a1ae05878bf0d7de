/**
 * Values at a path, by own properties of objects alone: `constructor` finds nothing, and neither
 * does a place in a list. Rules, rates and headers read claims by this one way: a rule that decides
 * by one value must not go with a header that sends another.
 */

/** What stands at the path; undefined where a step leads nowhere. */
export function readOwnPath(source: unknown, path: readonly string[]): unknown {
  let value = source;
  for (const step of path) {
    const isHolder = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isHolder || !Object.hasOwn(value as object, step)) return undefined;
    value = Reflect.get(value as object, step);
  }
  return value;
}

/** A claim by its steps. Names may hold dots (they may be URLs), so the whole name comes first. */
export function readClaim(
  claims: Readonly<Record<string, unknown>>,
  path: readonly string[],
): unknown {
  const name = path.length > 1 ? path.join('.') : undefined;
  return name !== undefined && Object.hasOwn(claims, name)
    ? claims[name]
    : readOwnPath(claims, path);
}
