/**
 * Configuration of one token issuer. Its form is already checked; this file enforces the one rule
 * that must not depend on that: verification keys are public, so algorithms that sign with them
 * (HS*) or with nothing (none) are never accepted.
 */
import type { Ceiling } from './ceiling.ts';

export interface JwtConfig {
  readonly issuer: string;
  readonly audience: string | readonly string[];
  /** An http(s) URL, or the path of a file. */
  readonly jwks: string;
  readonly algorithms: readonly string[];
  /** Claim with the scopes: text separated by spaces, or a list. */
  readonly scopes: string;
  /** Claim with the roles: a claim's name or a dotted path. */
  readonly roles: string;
  /** Claim that names the client application. */
  readonly client: string;
  readonly leewayMs: number;
  /** The most that the issuer may grant; absent: anything. */
  readonly may?: Ceiling | undefined;
  /** Whether `jwks` may be in a private network; absent: no. */
  readonly privateNetwork?: boolean;
}

/** Signature algorithms that an issuer may be configured with. */
export const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;
export type Algorithm = (typeof algorithms)[number];

/** Those with a public verification key; `Ed25519` is the newer name of EdDSA's in proofs. */
export const asymmetric: ReadonlySet<string> = new Set([...algorithms, 'Ed25519']);

/** Throws TypeError if a token could be accepted that no issuer signed for this gateway. */
export function assertJwtConfig(config: JwtConfig): void {
  const wrong = config.algorithms.find((name) => !asymmetric.has(name));
  if (wrong !== undefined) throw new TypeError(`identity.jwt.algorithms: ${wrong} is not accepted`);
  if (config.algorithms.length === 0) throw new TypeError('identity.jwt.algorithms: name one');
  if (config.issuer === '') throw new TypeError('identity.jwt.issuer: missing');
  if (config.audience.length === 0 || [config.audience].flat().includes('')) {
    throw new TypeError('identity.jwt.audience: missing');
  }
  if (!Number.isFinite(config.leewayMs) || config.leewayMs < 0) {
    throw new TypeError('identity.jwt.leeway: must be zero or more');
  }
}
