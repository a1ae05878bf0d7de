/**
 * Caches verified tokens, because checking a signature costs more than the rest of a request.
 * Bounded by entries and bytes; keyed by the token's SHA-256, so that no usable credential stays in
 * memory. Readers check again whether an entry is still valid.
 */
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../request.ts';
import type { Binding } from './binding.ts';
import { looksLikeJwt } from './token-form.ts';

/** A verified token, with everything that must be checked again at every use. */
export interface VerifiedToken {
  /** The same object for every request with the token. */
  readonly caller: Caller;
  /** Seconds since the epoch; undefined if the token does not expire. */
  readonly expiresAt: number | undefined;
  readonly notBefore: number | undefined;
  readonly leewayMs: number;
  /** Issue time and id, for the revocation list. */
  readonly issuedAt: number | undefined;
  readonly jti: string | undefined;
  /** Proof of possession that the token demands. */
  readonly binding: Binding | undefined;
  /** The basis of the verification: a set of keys, or one introspection response. */
  readonly basis: object;
  /** Whether the basis is still valid, decided without I/O. */
  readonly holds: () => boolean;
  /** The revocation list that it was last checked against. */
  clearedBy: object | undefined;
}

export interface TokenCache {
  /** `hash`: the result of toTokenHash. */
  get(hash: string): VerifiedToken | undefined;
  /** Keeps the entry unless one with the same basis exists; returns the kept one. */
  add(hash: string, entry: VerifiedToken, tokenBytes: number): VerifiedToken;
  delete(hash: string): void;
  readonly size: number;
}

export interface TokenCacheLimits {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

const tokenCacheLimits: TokenCacheLimits = { entriesMax: 10_000, bytesMax: 67_108_864 };

/** Estimate of an entry's memory: parsed claims take a few times the token's length. */
const bytesPerTokenByte = 4;
const bytesPerEntry = 1024;

/** Creates an empty cache. */
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

/** SHA-256 in base64: identifies a token exactly, without disclosing it. */
export function toTokenHash(token: string): string {
  return hash('sha256', token, 'base64');
}

/**
 * Identifies the credential that a token is. For a JSON Web Token only the signed part is hashed:
 * its holder can respell the signature and, for ECDSA, replace it by another valid one.
 */
export function toCredentialHash(token: string): string {
  return toTokenHash(looksLikeJwt(token) ? token.slice(0, token.lastIndexOf('.')) : token);
}
