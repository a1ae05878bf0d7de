/**
 * The most that an issuer may grant (`may`): other scopes and roles are removed from the caller and
 * from the claims, so that no rule and no header sees them, and are named in the record. A ceiling
 * is complete: an empty list permits nothing.
 */
export interface Ceiling {
  /** Names; a trailing * matches every name with that prefix. */
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}

export type Permits = (name: string) => boolean;

/** Compiles patterns to a test of names. */
export function compilePatterns(patterns: readonly string[]): Permits {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
  const starts = patterns
    .filter((pattern) => pattern.endsWith('*'))
    .map((pattern) => pattern.slice(0, -1));
  return (name) => exact.has(name) || starts.some((start) => name.startsWith(start));
}

type Claims = Readonly<Record<string, unknown>>;

/** A copy of the claims with the value at `path` replaced by the result of `keep`. */
export function replaceClaim(
  claims: Claims,
  path: readonly string[],
  keep: (value: unknown) => unknown,
): Claims {
  const [name = '', ...rest] = path;
  if (!Object.hasOwn(claims, name)) return claims;
  const value = claims[name];
  if (rest.length === 0) return copyWith(claims, name, keep(value));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return claims;
  return copyWith(claims, name, replaceClaim(value as Claims, rest, keep));
}

function copyWith(claims: Claims, name: string, value: unknown): Claims {
  const entries = Object.entries(claims).filter(([key]) => key !== name || value !== undefined);
  return Object.fromEntries(entries.map(([key, held]) => [key, key === name ? value : held]));
}
