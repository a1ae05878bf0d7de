/**
 * Stores documents that clients have persisted, by hash. Bounded in entries and bytes, with the
 * least recently used evicted first. A document larger than the whole store is not kept.
 */
import { LRUCache } from 'lru-cache';
import type { PersistedQueriesPolicy } from './document-policy.ts';

export interface PersistedStore {
  /** The text for a SHA-256 in lower-case hex. */
  get(hash: string): string | undefined;
  /** Must be called only for documents that were parsed, limited and validated. */
  keep(hash: string, text: string): void;
}

const entryOverheadBytes = 256;

/** Undefined if persisted queries are off. */
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
 * Gives the store for the policy in force. A changed policy gets a new, empty store, so that
 * turning the feature off or shrinking it takes effect at once.
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
 * The part of the store for one view: a hit on another caller's document would reveal fields that
 * this view does not have. All parts share the store's bounds. The policy digest is in the key
 * because a view's key has another meaning under other policies.
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
