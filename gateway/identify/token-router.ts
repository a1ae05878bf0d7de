/**
 * Selects the door of a token, once and by its form alone: a JSON Web Token goes to the issuer that
 * it names, any other to one introspection endpoint. No token is tried at two doors: a provider
 * must neither see another's tokens nor vouch for them.
 */
import { Refusal } from '../decision.ts';
import type { TokenDoor } from './token-door.ts';
import { looksLikeJwt, readClaimedToken } from './token-form.ts';

export interface OpaqueDoor {
  readonly door: TokenDoor;
  readonly prefix: string | undefined;
}

export interface Doors {
  /** By issuer: the doors that verify or introspect JSON Web Tokens. */
  readonly byIssuer: ReadonlyMap<string, TokenDoor>;
  /** No prefix is a prefix of another; at most one door has none. */
  readonly opaque: readonly OpaqueDoor[];
}

export interface Found {
  readonly door: TokenDoor;
  /** The header of a JSON Web Token, unverified; empty for others. */
  readonly header: Readonly<Record<string, unknown>>;
}

/** The door for a token, or the refusal. */
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
