/**
 * `claims: { department: [hr, legal] }`: the verified claim is one of the values, or is a list
 * that holds one. Types must agree: the text "1" is not the number 1. Own properties only.
 */
import type { Caller } from '../../request.ts';

type ClaimValue = string | number | boolean;

export const claims =
  (claim: string, wanted: readonly ClaimValue[]) =>
  (caller: Caller): boolean => {
    const actual = readClaim(caller.claims, claim);
    const values: readonly unknown[] = Array.isArray(actual) ? actual : [actual];
    return wanted.some((value) => values.includes(value));
  };

/** The claim of that very name, else the one at that dotted path. */
function readClaim(source: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(source, path)) return source[path];
  let value: unknown = source;
  for (const step of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step))
      return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}
