/**
 * Documents that clients have persisted, by hash. Bounded in entries and in bytes; the one least
 * used goes first. A document larger than the whole store is not kept.
 */
import { LRUCache } from 'lru-cache';
import type { PersistedQueriesPolicy } from './document-policy.ts';

export interface PersistedStore {
  /** The text behind a SHA-256 in lower-case hex. */
  get(hash: string): string | undefined;
  /** To be called for a document that was parsed, limited and validated, and for no other. */
  keep(hash: string, text: string): void;
}

const entryOverheadBytes = 256;

/** Undefined where persisted queries are off. */
export function createPersistedStore(policy: PersistedQueriesPolicy): PersistedStore | undefined {
  if (!policy.enabled) return undefined;
  const kept = new LRUCache<string, string>({
    max: policy.entriesMax,
    maxSize: policy.bytesMax,
    sizeCalculation: (text, key) => entryOverheadBytes + 2 * (text.length + key.length),
  });
  return {
    get: (hash) => kept.get(hash),
    keep(hash, text) {
      kept.set(hash, text);
    },
  };
}

/**
 * The store under the policy that is in force. Where that has become another one, a new store, empty:
 * what is turned off ends at once, and less room holds less.
 */
export function createPersistedStores(): (
  policy: PersistedQueriesPolicy,
) => PersistedStore | undefined {
  let seen: PersistedQueriesPolicy | undefined;
  let store: PersistedStore | undefined;
  return (policy) => {
    if (policy === seen) return store;
    if (seen === undefined || !isSame(policy, seen)) store = createPersistedStore(policy);
    seen = policy;
    return store;
  };
}

const isSame = (one: PersistedQueriesPolicy, other: PersistedQueriesPolicy): boolean =>
  one.enabled === other.enabled &&
  one.entriesMax === other.entriesMax &&
  one.bytesMax === other.bytesMax;

/**
 * The part of the store that belongs to one view: that somebody else's document is known by its
 * hash would tell of fields that this view does not have. Parts share the bounds
 * of the store; under other policies a view's key means another view.
 */
export function persistedOf(
  store: PersistedStore,
  policyDigest: string | undefined,
  viewKey: string,
): PersistedStore {
  if (viewKey === '') return store;
  return {
    get: (hash) => store.get(`${policyDigest} ${viewKey} ${hash}`),
    keep: (hash, text) => store.keep(`${policyDigest} ${viewKey} ${hash}`, text),
  };
}
