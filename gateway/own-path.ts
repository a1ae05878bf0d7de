/**
 * Reads values by path, through own properties of objects only: `constructor` finds nothing, and
 * neither does a list index. Rules, rates and headers all read claims this way, so that a rule
 * cannot decide by one value while a header sends another.
 */
import { isJsonObject } from './json-value.ts';

/** The value at the path; undefined if a step leads nowhere. */
export function readOwnPath(source: unknown, path: readonly string[]): unknown {
  let value = source;
  for (const step of path) {
    if (!isJsonObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = value[step];
  }
  return value;
}

/**
 * A claim by its steps. Names may contain dots (they may be URLs), so the whole name comes first.
 */
export function readClaim(
  claims: Readonly<Record<string, unknown>>,
  path: readonly string[],
): unknown {
  const name = path.length > 1 ? path.join('.') : undefined;
  return name !== undefined && Object.hasOwn(claims, name)
    ? claims[name]
    : readOwnPath(claims, path);
}
