/**
 * Which door a token goes to, decided once and by form alone: a JSON Web Token to the issuer that it
 * names, everything else to one introspection endpoint. No token is tried at two doors: a provider
 * must not see another's tokens, nor vouch for them.
 */
import { Refusal } from '../decision.ts';
import type { TokenDoor } from './token-door.ts';
import { looksLikeJwt, readClaimedToken } from './token-form.ts';

export interface OpaqueDoor {
  readonly door: TokenDoor;
  readonly prefix: string | undefined;
}

export interface Doors {
  /** By issuer: those that verify JSON Web Tokens, or ask about them. */
  readonly byIssuer: ReadonlyMap<string, TokenDoor>;
  /** No prefix begins another one; at most one has none. */
  readonly opaque: readonly OpaqueDoor[];
}

export interface Found {
  readonly door: TokenDoor;
  /** Of a JSON Web Token, not verified. */
  readonly header: Readonly<Record<string, unknown>>;
}

/** The door for a token, or why there is none. */
export function findDoor(token: string, { byIssuer, opaque }: Doors): Found | Refusal {
  if (looksLikeJwt(token) || opaque.length === 0) {
    const claimed = readClaimedToken(token);
    if (claimed instanceof Refusal) return claimed;
    const door = byIssuer.get(claimed.issuer);
    return door ? { door, header: claimed.header } : new Refusal('identify/token-claims');
  }
  const found =
    opaque.find(({ prefix }) => prefix !== undefined && token.startsWith(prefix)) ??
    opaque.find(({ prefix }) => prefix === undefined);
  return found ? { door: found.door, header: {} } : new Refusal('identify/token-claims');
}
