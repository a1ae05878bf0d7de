/**
 * Verifies a DPoP proof (RFC 9449, 4.3): that the sender of this request, now, to this gateway,
 * with this token, holds the key that the token is bound to, and that the proof was not used
 * before. Fails closed, also if there is no room to remember another proof.
 */
import { calculateJwkThumbprint, EmbeddedJWK, errors, jwtVerify } from 'jose';
import { Refusal } from '../decision.ts';
import type { ProveKey } from './binding.ts';
import { asymmetric } from './jwt-config.ts';
import type { Replays } from './replay-store.ts';
import { decodeStrictObject } from './strict-json.ts';

export interface ProofRules {
  /** The endpoint URL as callers address it, which `htu` must name. */
  readonly url: string;
  /** Greatest age of a proof; every request needs a fresh one anyway. */
  readonly maxAgeMs: number;
}

/** How far a caller's clock may be ahead of the gateway's. */
export const proofAheadMs = 5000;
/** How long a proof could be replayed. */
export const proofKeepMs = ({ maxAgeMs }: Pick<ProofRules, 'maxAgeMs'>): number =>
  maxAgeMs + proofAheadMs;
/** Longest accepted proof. */
export const proofBytesMax = 4096;
const jtiMax = 256;

const compactJws = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** Creates a verifier of proofs. `now`: milliseconds since the epoch. */
export function createProveKey(
  rules: ProofRules,
  outside: { readonly now: () => number; readonly replays: Replays },
): ProveKey {
  const target = toTarget(rules.url);
  return async (proof, { keyThumbprint, method, tokenHash }) => {
    const nowMs = outside.now();
    const claims = await verify(proof, keyThumbprint, nowMs);
    if (claims === undefined) return new Refusal('identify/proof');
    const { htm, htu, iat, jti, ath } = claims;
    const isRight =
      htm === method &&
      typeof htu === 'string' &&
      toTarget(htu) === target &&
      ath === toBase64Url(tokenHash) &&
      typeof iat === 'number' &&
      iat * 1000 >= nowMs - rules.maxAgeMs &&
      iat * 1000 <= nowMs + proofAheadMs &&
      typeof jti === 'string' &&
      jti !== '' &&
      jti.length <= jtiMax;
    if (!isRight) return new Refusal('identify/proof');
    const outcome = await outside.replays.take({
      id: `${keyThumbprint} ${jti}`,
      group: keyThumbprint,
      issuedAtMs: iat * 1000,
    });
    if (outcome === 'new') return undefined;
    return new Refusal(
      outcome === 'full' ? 'identify/proof-store-full' : 'identify/proof-replayed',
    );
  };
}

/** The proof's claims if the key of the thumbprint signed it; `exp` and `nbf` are optional. */
async function verify(
  proof: string | undefined,
  keyThumbprint: string,
  nowMs: number,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  if (proof === undefined || proof.length > proofBytesMax || !compactJws.test(proof)) {
    return undefined;
  }
  const [head = '', body = ''] = proof.split('.', 2);
  const header = decodeStrictObject(head);
  const claims = decodeStrictObject(body);
  if (header === undefined || claims === undefined) return undefined;
  if (header.typ !== 'dpop+jwt' || Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    return undefined;
  }
  const { jwk } = header;
  if (typeof jwk !== 'object' || jwk === null || Array.isArray(jwk)) return undefined;
  // A disclosed private key proves nothing; a symmetric key cannot be public.
  if (Object.hasOwn(jwk, 'd') || Object.hasOwn(jwk, 'k') || Object.hasOwn(jwk, 'priv')) {
    return undefined;
  }
  try {
    // Cheaper than a signature check, which is pointless for another key.
    if ((await calculateJwkThumbprint(jwk, 'sha256')) !== keyThumbprint) return undefined;
    const { payload } = await jwtVerify(proof, EmbeddedJWK, {
      algorithms: [...asymmetric],
      currentDate: new Date(nowMs),
      clockTolerance: proofAheadMs / 1000,
    });
    return payload;
  } catch (error) {
    // Web Crypto and jose report malformed keys in several ways; each means that there is no proof.
    if (isAboutTheKey(error)) return undefined;
    throw error;
  }
}

const isAboutTheKey = (error: unknown): boolean =>
  error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException;

/** Normalised scheme, host, port and path, without query and fragment (RFC 9449, 4.3). */
function toTarget(text: string): string | undefined {
  const url = URL.parse(text);
  return url === null ? undefined : `${url.protocol}//${url.host}${url.pathname}`;
}

const toBase64Url = (base64: string): string =>
  base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
