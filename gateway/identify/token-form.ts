/**
 * Tells JSON Web Tokens from opaque ones, and reads their unverified content. Nothing read here is
 * trusted: `iss` only selects the issuer whose keys must verify the token.
 *
 * The test is broad: anything that a lenient parser could take for a JSON Web Token is one, so that
 * a slightly malformed token cannot bypass its issuer's checks through an introspection endpoint.
 */
import { Refusal } from '../decision.ts';
import { decodeStrictObject } from './strict-json.ts';

const compactJws = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** Whether to judge the token as a JSON Web Token: the text before a dot begins an object. */
export function looksLikeJwt(token: string): boolean {
  const dot = token.indexOf('.');
  if (dot < 0) return false;
  return Buffer.from(token.slice(0, dot), 'base64').toString('latin1').trimStart().startsWith('{');
}

export interface ClaimedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly issuer: string;
}

const acceptedTypes: ReadonlySet<unknown> = new Set([undefined, 'jwt', 'at+jwt']);

/** The token's unverified content, or a refusal for its form. */
export function readClaimedToken(token: string): ClaimedToken | Refusal {
  if (!compactJws.test(token)) return new Refusal('identify/token-malformed');
  const [head = '', body = ''] = token.split('.', 2);
  const header = decodeStrictObject(head);
  if (header === undefined) return new Refusal('identify/token-malformed');
  // No extension is supported, so every critical one is refused, known to the library or not.
  if (Object.hasOwn(header, 'crit') || Object.hasOwn(header, 'b64')) {
    return new Refusal('identify/token-malformed');
  }
  if (!isAbsentOrText(header.kid)) return new Refusal('identify/token-malformed');
  const claims = decodeStrictObject(body);
  if (claims === undefined) return new Refusal('identify/token-malformed');
  // Tokens for other purposes (ID token hints, logout, DPoP proofs) may be signed by the same key.
  if (!acceptedTypes.has(toType(header.typ)) || typeof claims.iss !== 'string') {
    return new Refusal('identify/token-claims');
  }
  return { header, issuer: claims.iss };
}

function toType(typ: unknown): unknown {
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
}

function isAbsentOrText(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}
