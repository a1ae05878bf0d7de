/**
 * The proof of possession that a token demands: the client certificate (RFC 8705) or the key (RFC
 * 9449) that its `cnf` names. A copied token is useless without it. Fails closed: a `cnf` that is
 * not fully understood cannot be proven, so the token is refused.
 */
import { Refusal } from '../decision.ts';
import type { InboundHeaders, TokenCredential } from './credential.ts';

export interface Binding {
  /** SHA-256 thumbprint of a JSON Web Key, base64url. */
  readonly keyThumbprint: string | undefined;
  /** SHA-256 of a certificate, base64url. */
  readonly certificate: string | undefined;
}

const sha256 = /^[\w-]{43}$/;

/** The binding that the claims name; undefined without `cnf`; a refusal if not understood. */
export function readBinding(
  claims: Readonly<Record<string, unknown>>,
): Binding | undefined | Refusal {
  if (!Object.hasOwn(claims, 'cnf')) return undefined;
  const { cnf } = claims;
  if (typeof cnf !== 'object' || cnf === null || Array.isArray(cnf)) return unproven();
  const members = Object.entries(cnf);
  const isKnown = ([name, value]: [string, unknown]): boolean =>
    (name === 'jkt' || name === 'x5t#S256') && typeof value === 'string' && sha256.test(value);
  if (members.length === 0 || !members.every(isKnown)) return unproven();
  const held = new Map<string, string>(members as [string, string][]);
  return { keyThumbprint: held.get('jkt'), certificate: held.get('x5t#S256') };
}

/** Verifies the DPoP header of a request for the key of the thumbprint. */
export type ProveKey = (
  proof: string | undefined,
  about: { keyThumbprint: string; method: string; tokenHash: string },
) => Promise<undefined | Refusal>;

/** Undefined if everything is proven. `proveKey` is undefined if proofs are not configured. */
export function refuseUnproven(
  binding: Binding | undefined,
  shown: { credential: TokenCredential; request: InboundHeaders; tokenHash: string },
  proveKey: ProveKey | undefined,
): undefined | Refusal | Promise<undefined | Refusal> {
  const { credential, request, tokenHash } = shown;
  const keyThumbprint = binding?.keyThumbprint;
  // Also the reverse: a token that is bound to no key is no DPoP token (RFC 9449, 7.1).
  if ((credential.scheme === 'dpop') !== (keyThumbprint !== undefined)) return unproven();
  if (binding === undefined) return undefined;
  if (binding.certificate !== undefined && request.certificate !== binding.certificate) {
    return unproven();
  }
  if (keyThumbprint === undefined) return undefined;
  if (proveKey === undefined || request.method === undefined) return unproven();
  return proveKey(credential.proof, { keyThumbprint, method: request.method, tokenHash });
}

const unproven = (): Refusal => new Refusal('identify/token-binding');
