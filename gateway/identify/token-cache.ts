/**
 * Remembers verified tokens, because checking a signature costs more than the rest of a request.
 * Bounded by entries and by bytes; keyed by the token's SHA-256, so that no usable credential lies
 * in memory. Whoever reads an entry checks again whether it still holds.
 */
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../request.ts';
import type { Binding } from './binding.ts';
import { looksLikeJwt } from './token-form.ts';

/** A token that was verified, with all that must be asked again at every use. */
export interface VerifiedToken {
  /** The same object for every request with the token. */
  readonly caller: Caller;
  /** Seconds since the epoch; undefined where the token has no end of its own. */
  readonly expiresAt: number | undefined;
  readonly notBefore: number | undefined;
  readonly leewayMs: number;
  /** When and as what it was issued, for the revocation list. */
  readonly issuedAt: number | undefined;
  readonly jti: string | undefined;
  /** What has to be proven besides. */
  readonly binding: Binding | undefined;
  /** What it rests on: a set of keys, or one answer of an introspection endpoint. */
  readonly basis: object;
  /** Whether what it rests on still stands, without asking anybody. */
  readonly holds: () => boolean;
  /** The revocation list that it was last looked up in. */
  clearedBy: object | undefined;
}

export interface TokenCache {
  /** `hash`: toTokenHash of the token. */
  get(hash: string): VerifiedToken | undefined;
  /** Keeps the entry unless there is one on the same basis; returns the one that is kept. */
  add(hash: string, entry: VerifiedToken, tokenBytes: number): VerifiedToken;
  delete(hash: string): void;
  readonly size: number;
}

export interface TokenCacheLimits {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

const tokenCacheLimits: TokenCacheLimits = { entriesMax: 10_000, bytesMax: 67_108_864 };

/** An entry's share of memory: parsed claims take a few times the token's own length. */
const bytesPerTokenByte = 4;
const bytesPerEntry = 1024;

/** An empty cache. */
export function createTokenCache(limits: TokenCacheLimits = tokenCacheLimits): TokenCache {
  const entries = new LRUCache<string, VerifiedToken>({
    max: limits.entriesMax,
    maxSize: limits.bytesMax,
  });
  return {
    get: (key) => entries.get(key),
    add(key, entry, tokenBytes) {
      const kept = entries.get(key);
      if (kept?.basis === entry.basis) return kept;
      entries.set(key, entry, { size: tokenBytes * bytesPerTokenByte + bytesPerEntry });
      return entry;
    },
    delete: (key) => void entries.delete(key),
    get size() {
      return entries.size;
    },
  };
}

/** SHA-256 in base64: tells tokens apart, letter by letter, without being one. */
export function toTokenHash(token: string): string {
  return hash('sha256', token, 'base64');
}

/**
 * Names the credential that a token is. Of a JSON Web Token what is signed: its holder can write the
 * signature in other letters and, for ECDSA, put another valid one in its place.
 */
export function toCredentialHash(token: string): string {
  return toTokenHash(looksLikeJwt(token) ? token.slice(0, token.lastIndexOf('.')) : token);
}
