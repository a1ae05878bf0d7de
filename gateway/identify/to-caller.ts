/**
 * Converts verified claims to the caller that the rest of the walk decides about. Pure. Only own
 * properties are read, and a claim of an unexpected shape grants nothing.
 */

import { isKey, isRounded } from '../graph/upstream-value.ts';
import { isJsonObject } from '../json-value.ts';
import { readClaim } from '../own-path.ts';
import type { Caller } from '../request.ts';
import { type Ceiling, compilePatterns, replaceClaim } from './ceiling.ts';
import type { JwtConfig } from './jwt-config.ts';

type Claims = Readonly<Record<string, unknown>>;

/** The caller of requests without a credential. */
export function createAnonymousCaller(): Caller {
  return Object.freeze({
    kind: 'anonymous' as const,
    issuer: undefined,
    subject: undefined,
    client: undefined,
    scopes: new Set<string>(),
    roles: new Set<string>(),
    claims: Object.freeze(Object.create(null)),
    credentialHash: undefined,
    expiresAt: undefined,
  });
}

export interface ClaimNames extends Pick<JwtConfig, 'issuer' | 'scopes' | 'roles' | 'client'> {
  /** Absent: the issuer may grant anything. */
  readonly may?: Ceiling | undefined;
  readonly leewayMs?: number;
}

/** The caller that a verified token stands for; `expiresAt` is its `exp` in seconds. */
export function toCaller(
  verified: { claims: Claims; expiresAt: number | undefined; credentialHash: string },
  config: ClaimNames,
): Caller {
  const { kept, dropped } = lower(verified.claims, config);
  const claims = freezeRecord(kept);
  return Object.freeze({
    kind: 'token' as const,
    issuer: config.issuer,
    subject: toName(claims.sub),
    client: toName(claims[config.client]),
    scopes: new Set(toScopes(claims[config.scopes])),
    roles: new Set(toRoles(readClaim(claims, config.roles.split('.')))),
    claims,
    credentialHash: verified.credentialHash,
    expiresAt: verified.expiresAt,
    ...(config.leewayMs === undefined ? {} : { clockSkewMs: config.leewayMs }),
    ...(dropped === undefined ? {} : { dropped }),
  });
}

/** Removes what exceeds the ceiling from the claims too, which rules and headers can read. */
function lower(claims: Claims, config: ClaimNames): { kept: Claims; dropped?: Caller['dropped'] } {
  if (config.may === undefined) return { kept: claims };
  const scopes = compilePatterns(config.may.scopes);
  const roles = compilePatterns(config.may.roles);
  const dropped = { scopes: new Set<string>(), roles: new Set<string>() };
  let kept = claims;
  for (const path of placesOf(config.scopes)) {
    kept = replaceClaim(kept, path, (value) => {
      for (const name of toScopes(value)) if (!scopes(name)) dropped.scopes.add(name);
      return keepAs(value, toScopes(value).filter(scopes));
    });
  }
  for (const path of placesOf(config.roles)) {
    kept = replaceClaim(kept, path, (value) => {
      for (const name of toRoles(value)) if (!roles(name)) dropped.roles.add(name);
      return keepAs(value, toRoles(value).filter(roles));
    });
  }
  if (dropped.scopes.size + dropped.roles.size === 0) return { kept };
  const named = { scopes: [...dropped.scopes], roles: [...dropped.roles] };
  return { kept, dropped: Object.freeze(named) };
}

/** Both paths that a rule can mean by the name: removing one must not expose the other. */
const placesOf = (name: string): readonly (readonly string[])[] => [[name], name.split('.')];

/** Keeps the original form; undefined, so absent, if no names are left. */
function keepAs(value: unknown, names: readonly string[]): unknown {
  if (names.length === 0) return undefined;
  return typeof value === 'string' ? names.join(' ') : names;
}

/** Some issuers number people and clients; else all of them would be one nameless caller. */
function toName(value: unknown): string | undefined {
  return isKey(value) ? String(value) : undefined;
}

function toScopes(value: unknown): readonly string[] {
  const list = typeof value === 'string' ? value.split(' ') : toTexts(value);
  return list.filter((scope) => scope !== '');
}

/** One string is one role: if it were split, "not admin" would grant admin. */
function toRoles(value: unknown): readonly string[] {
  const list = typeof value === 'string' ? [value] : toTexts(value);
  return list.filter((role) => role !== '');
}

function toTexts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return [];
  return value.every((item) => typeof item === 'string') ? value : [];
}

/**
 * A deep copy without prototypes, so that `claims.constructor` in a policy finds nothing. Numbers
 * that a double cannot hold exactly become undefined.
 */
export function freezeRecord(record: Claims): Claims {
  const copy: Record<string, unknown> = Object.create(null);
  for (const name of Object.keys(record)) copy[name] = freezeValue(record[name]);
  return Object.freeze(copy);
}

function freezeValue(value: unknown): unknown {
  // It may differ from the signed number: as a tenant id it would name another tenant.
  if (typeof value === 'number' && (isRounded(value) || !Number.isFinite(value))) return undefined;
  if (Array.isArray(value)) return Object.freeze(value.map(freezeValue));
  return isJsonObject(value) ? freezeRecord(value) : value;
}
