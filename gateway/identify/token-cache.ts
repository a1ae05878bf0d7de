/**
 * Remembers verified tokens, because checking a signature costs more than the rest of a request.
 * Bounded by entries and by bytes; keyed by the token's SHA-256, so that no usable credential lies
 * in memory. Whoever reads an entry checks its times again.
 */
import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../request.ts';

export interface CachedToken {
  /** The same object for every request with the token. */
  readonly caller: Caller;
  readonly expiresAt: number;
  readonly notBefore: number | undefined;
}

export interface TokenCache {
  get(token: string): CachedToken | undefined;
  /** Keeps the entry unless the token has one; returns the one that is kept. */
  add(token: string, entry: CachedToken): CachedToken;
  delete(token: string): void;
  clear(): void;
  readonly size: number;
}

export interface TokenCacheLimits {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

export const tokenCacheLimits: TokenCacheLimits = { entriesMax: 10_000, bytesMax: 67_108_864 };

/** An entry's share of memory: parsed claims take a few times the token's own length. */
const bytesPerTokenByte = 4;
const bytesPerEntry = 1024;

/** An empty cache. */
export function createTokenCache(limits: TokenCacheLimits = tokenCacheLimits): TokenCache {
  const entries = new LRUCache<string, CachedToken>({
    max: limits.entriesMax,
    maxSize: limits.bytesMax,
  });
  return {
    get: (token) => entries.get(toTokenHash(token)),
    add(token, entry) {
      const key = toTokenHash(token);
      const kept = entries.get(key);
      if (kept) return kept;
      entries.set(key, entry, { size: token.length * bytesPerTokenByte + bytesPerEntry });
      return entry;
    },
    delete: (token) => void entries.delete(toTokenHash(token)),
    clear: () => entries.clear(),
    get size() {
      return entries.size;
    },
  };
}

/** SHA-256 in base64: tells tokens apart without being one. */
export function toTokenHash(token: string): string {
  return hash('sha256', token, 'base64');
}
