/** The settings of policies/limits for the documents that may run and for persisted queries. */

export interface PersistedQueriesPolicy {
  readonly enabled: boolean;
  /** Most documents kept. */
  readonly entriesMax: number;
  /** Most bytes of all documents kept, overhead included. */
  readonly bytesMax: number;
}

/** The documents of a manifest. */
export interface Manifest {
  /** Text by id. */
  readonly byId: ReadonlyMap<string, string>;
  readonly texts: ReadonlySet<string>;
}

export interface DocumentPolicy {
  /** `trusted`: only documents of the manifest may run. */
  readonly documents: 'any' | 'trusted';
  readonly manifest: Manifest;
  readonly persistedQueries: PersistedQueriesPolicy;
}

export const defaultDocumentPolicy: DocumentPolicy = Object.freeze<DocumentPolicy>({
  documents: 'any',
  manifest: { byId: new Map(), texts: new Set() },
  persistedQueries: { enabled: false, entriesMax: 1_000, bytesMax: 8_388_608 },
});
