/**
 * Verifies a DPoP proof (RFC 9449, 4.3): that whoever sends this request, now, to this gateway, with
 * this token, holds the key that the token is bound to; and that nobody has sent the proof before.
 * Fails closed, also where there is no room to remember one proof more.
 */
import { calculateJwkThumbprint, EmbeddedJWK, errors, jwtVerify } from 'jose';
import { Refusal } from '../decision.ts';
import type { ProveKey } from './binding.ts';
import { asymmetric } from './jwt-config.ts';
import type { Replays } from './replay-store.ts';
import { decodeStrictObject } from './strict-json.ts';

export interface ProofRules {
  /** The endpoint as callers address it, which `htu` must name. */
  readonly url: string;
  /** How old a proof may be; a fresh one is needed for every request anyway. */
  readonly maxAgeMs: number;
}

/** How far a caller's clock may be ahead of ours. */
export const proofAheadMs = 5000;
/** How long a proof could be used again. */
export const proofKeepMs = ({ maxAgeMs }: Pick<ProofRules, 'maxAgeMs'>): number =>
  maxAgeMs + proofAheadMs;
/** Longest proof that is looked at. */
export const proofBytesMax = 4096;
const jtiMax = 256;

const compactJws = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** A verifier of proofs. `now`: milliseconds since the epoch. */
export function createProveKey(
  rules: ProofRules,
  outside: { readonly now: () => number; readonly replays: Replays },
): ProveKey {
  const target = toTarget(rules.url);
  return async (proof, { keyThumbprint, method, tokenHash }) => {
    const claims = await verify(proof, keyThumbprint);
    if (claims === undefined) return new Refusal('identify/proof');
    const nowMs = outside.now();
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
    const outcome = await outside.replays.take(`${keyThumbprint} ${jti}`, keyThumbprint);
    if (outcome === 'new') return undefined;
    return new Refusal(
      outcome === 'full' ? 'identify/proof-store-full' : 'identify/proof-replayed',
    );
  };
}

/** The proof's claims, where the key of the thumbprint signed it. */
async function verify(
  proof: string | undefined,
  keyThumbprint: string,
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
  // A private key in the open proves nothing; a symmetric one cannot be public.
  if (Object.hasOwn(jwk, 'd') || Object.hasOwn(jwk, 'k') || Object.hasOwn(jwk, 'priv')) {
    return undefined;
  }
  try {
    // Cheaper than a signature, and there is nothing to verify for another key.
    if ((await calculateJwkThumbprint(jwk, 'sha256')) !== keyThumbprint) return undefined;
    return (await jwtVerify(proof, EmbeddedJWK, { algorithms: [...asymmetric] })).payload;
  } catch (error) {
    // Web Crypto and jose refuse keys of a wrong form in several ways; none of them is a proof.
    if (isAboutTheKey(error)) return undefined;
    throw error;
  }
}

const isAboutTheKey = (error: unknown): boolean =>
  error instanceof errors.JOSEError || error instanceof TypeError || error instanceof DOMException;

/** Scheme, host, port and path in one spelling, without query and fragment (RFC 9449, 4.3). */
function toTarget(text: string): string | undefined {
  const url = URL.parse(text);
  return url === null ? undefined : `${url.protocol}//${url.host}${url.pathname}`;
}

const toBase64Url = (base64: string): string =>
  base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
