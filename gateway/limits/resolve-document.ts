/**
 * Resolves the document of a request: its own text, one of the manifest by id, or one that a client
 * has persisted (Apollo's automatic persisted queries, version 1). Fails closed: with trusted
 * documents, only those of the manifest run, however they are sent.
 *
 * Reads the store but does not write to it; the caller stores a document after validation.
 */
import { Refusal } from '../decision.ts';
import type { DocumentPolicy, Manifest } from './document-policy.ts';
import type { PersistedStore } from './persisted-store.ts';

export interface DocumentRequest {
  readonly query: string | undefined;
  /** The id, as clients of trusted documents send it. */
  readonly documentId?: unknown;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
}

export interface ResolvedDocument {
  readonly text: string;
  /** The hash under which to keep the text once it has passed all checks. */
  readonly keepAs: string | undefined;
}

export interface ResolveOptions {
  readonly policy: Pick<DocumentPolicy, 'documents' | 'manifest'>;
  /** Undefined if persisted queries are off. */
  readonly store: PersistedStore | undefined;
  /** SHA-256 in lower-case hex. */
  readonly hash: (text: string) => string;
}

export function resolveDocument(
  request: DocumentRequest,
  options: ResolveOptions,
): ResolvedDocument | Refusal {
  const { manifest, documents } = options.policy;
  const { query } = request;
  const persisted = readPersisted(request.extensions);
  if (persisted instanceof Refusal) return persisted;
  const { documentId } = request;
  if (documentId !== undefined && typeof documentId !== 'string') {
    return malformed('documentId must be a string.');
  }
  const id = documentId ?? persisted;
  const known = id === undefined ? undefined : findKnown(manifest, id);
  if (namesTwo(manifest, documentId, persisted)) return mismatch();
  if (known !== undefined) {
    return query === undefined || query === known ? plain(known) : mismatch();
  }
  if (documents === 'trusted') {
    if (query !== undefined && manifest.texts.has(query)) return plain(query);
    const asksAgain = query === undefined && persisted !== undefined;
    return new Refusal(
      asksAgain ? 'limits/persisted-query-not-found' : 'limits/untrusted-document',
    );
  }
  return resolveAny(request, { id, persisted }, options);
}

function resolveAny(
  { query, documentId }: DocumentRequest,
  { id, persisted }: { readonly id: string | undefined; readonly persisted: string | undefined },
  options: ResolveOptions,
): ResolvedDocument | Refusal {
  if (isOfAnother(documentId, query, options.hash)) return mismatch();
  if (persisted !== undefined) return resolvePersisted(persisted, query, options);
  if (query !== undefined) return plain(query);
  if (id === undefined) return malformed('query must be a string.');
  return new Refusal('limits/persisted-query-refused');
}

/** The hash of an automatic persisted query; undefined if there is none. */
function readPersisted(extensions: DocumentRequest['extensions']): string | undefined | Refusal {
  if (extensions === undefined || !Object.hasOwn(extensions, 'persistedQuery')) return undefined;
  const found = extensions.persistedQuery;
  if (found === null || found === undefined) return undefined;
  if (typeof found !== 'object') return mismatch();
  const own = (name: string): unknown =>
    Object.hasOwn(found, name) ? Reflect.get(found, name) : undefined;
  const hash = own('sha256Hash');
  return own('version') === 1 && typeof hash === 'string' ? hash : mismatch();
}

function resolvePersisted(
  hash: string,
  query: string | undefined,
  { store, hash: hashOf }: ResolveOptions,
): ResolvedDocument | Refusal {
  if (store === undefined) return new Refusal('limits/persisted-query-refused');
  if (!/^[0-9a-f]{64}$/.test(hash)) return mismatch();
  if (query === undefined) {
    const text = store.get(hash);
    return text === undefined ? new Refusal('limits/persisted-query-not-found') : plain(text);
  }
  return hashOf(query) === hash ? { text: query, keepAs: hash } : mismatch();
}

/** Whether two ids name different documents: a filter in front may have checked the other one. */
function namesTwo(manifest: Manifest, one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined || bare(one) === bare(other)) return false;
  const known = findKnown(manifest, one);
  return known === undefined || known !== findKnown(manifest, other);
}

/** Whether an id unknown to the manifest fails to be the hash of the text beside it. */
function isOfAnother(
  id: unknown,
  query: string | undefined,
  hash: ResolveOptions['hash'],
): boolean {
  return typeof id === 'string' && query !== undefined && bare(id) !== hash(query);
}

/** Looks up an id with or without the protocol's `sha256:` prefix, on either side. */
const findKnown = ({ byId }: Manifest, id: string): string | undefined =>
  byId.get(id) ?? byId.get(bare(id));

const bare = (id: string): string => id.replace(/^sha256:/, '');

const plain = (text: string): ResolvedDocument => ({ text, keepAs: undefined });

const mismatch = (): Refusal => new Refusal('limits/persisted-query-mismatch');

const malformed = (detail: string): Refusal => new Refusal('admit/body-malformed', { detail });
