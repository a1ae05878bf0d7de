/**
 * What an issuer may say at most (`may`): scopes and roles outside are taken out of the caller and
 * out of the claims, so that no rule and no header can see them, and are named for the record. A
 * ceiling lists everything: a list it does not have permits nothing.
 */
export interface Ceiling {
  /** Names; one that ends in * stands for all that begin so. */
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
}

export type Permits = (name: string) => boolean;

/** Whether a name is under the patterns. */
export function compilePatterns(patterns: readonly string[]): Permits {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
  const starts = patterns
    .filter((pattern) => pattern.endsWith('*'))
    .map((pattern) => pattern.slice(0, -1));
  return (name) => exact.has(name) || starts.some((start) => name.startsWith(start));
}

type Claims = Readonly<Record<string, unknown>>;

/** A copy of the claims in which the one at `path` is what `keep` leaves of it. */
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
