/**
 * Verifies that the issuer signed a token for this gateway and that it is valid now (RFC 7515,
 * 7519, 8725). The header is not trusted: it may select one of the issuer's keys and one of the
 * pinned algorithms, nothing else. Fails closed: unknown errors are rethrown.
 */
import { errors, type JWTVerifyOptions, jwtVerify } from 'jose';
import { type Reason, Refusal } from '../decision.ts';
import type { JwtConfig } from './jwt-config.ts';
import type { Keys } from './usable-keys.ts';

export interface Verified {
  readonly claims: Readonly<Record<string, unknown>>;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** Seconds since the epoch. */
  readonly notBefore: number | undefined;
}

/** Most keys tried for a token without a key id; each try costs a signature check. */
const keysTriedMax = 8;

const reasonByCode: ReadonlyMap<string, Reason> = new Map<string, Reason>([
  [errors.JOSEAlgNotAllowed.code, 'identify/token-algorithm'],
  [errors.JOSENotSupported.code, 'identify/token-algorithm'],
  [errors.JWSInvalid.code, 'identify/token-malformed'],
  [errors.JWTInvalid.code, 'identify/token-malformed'],
  [errors.JWSSignatureVerificationFailed.code, 'identify/token-signature'],
  [errors.JWTExpired.code, 'identify/token-expired'],
  [errors.JWTClaimValidationFailed.code, 'identify/token-claims'],
]);

/** The verified claims, a refusal, or `unknown-key` if no key matches the token's key id. */
export async function verifyToken(
  token: string,
  about: { keys: Keys; config: JwtConfig; nowMs: number },
): Promise<Verified | Refusal | 'unknown-key'> {
  const { config, keys, nowMs } = about;
  const options: JWTVerifyOptions = {
    algorithms: [...config.algorithms],
    issuer: config.issuer,
    audience: [config.audience].flat(),
    requiredClaims: ['exp'],
    clockTolerance: config.leewayMs / 1000,
    currentDate: new Date(nowMs),
  };
  try {
    return toVerified(await verifyWithAny(token, keys, options));
  } catch (error) {
    if (error instanceof errors.JWKSNoMatchingKey) return 'unknown-key';
    const reason = error instanceof errors.JOSEError ? reasonByCode.get(error.code) : undefined;
    if (reason === undefined) throw error;
    return new Refusal(reason);
  }
}

/** Rechecks the times of a token verified before; agrees with the first verification. */
export function refuseByTime(
  times: { readonly expiresAt: number | undefined; readonly notBefore: number | undefined },
  about: { nowMs: number; leewayMs: number },
): Refusal | undefined {
  const now = Math.floor(about.nowMs / 1000);
  const leeway = about.leewayMs / 1000;
  if (times.expiresAt !== undefined && times.expiresAt <= now - leeway)
    return new Refusal('identify/token-expired');
  const early = times.notBefore !== undefined && times.notBefore > now + leeway;
  return early ? new Refusal('identify/token-claims') : undefined;
}

async function verifyWithAny(
  token: string,
  keys: Keys,
  options: JWTVerifyOptions,
): Promise<Readonly<Record<string, unknown>>> {
  try {
    return (await jwtVerify(token, keys.find, options)).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    let tried = 0;
    for await (const key of error) {
      tried += 1;
      if (tried > keysTriedMax) break;
      const payload = await verifyWithOne(token, key, options);
      if (payload) return payload;
    }
    throw new errors.JWSSignatureVerificationFailed();
  }
}

async function verifyWithOne(
  token: string,
  key: CryptoKey,
  options: JWTVerifyOptions,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    return (await jwtVerify(token, key, options)).payload;
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed) return undefined;
    throw error;
  }
}

function toVerified(claims: Readonly<Record<string, unknown>>): Verified | Refusal {
  const { exp, nbf } = claims;
  // JSON's 1e999 is infinite: a token that never expires.
  if (typeof exp !== 'number' || !Number.isFinite(exp)) return new Refusal('identify/token-claims');
  return { claims, expiresAt: exp, notBefore: typeof nbf === 'number' ? nbf : undefined };
}
