/** What policies/limits say of which documents run, and of persisted queries. */

export interface PersistedQueriesPolicy {
  readonly enabled: boolean;
  /** Documents kept. */
  readonly entriesMax: number;
  /** Characters and overhead of all documents kept. */
  readonly bytesMax: number;
}

/** A manifest's documents. */
export interface Manifest {
  /** Text by id. */
  readonly byId: ReadonlyMap<string, string>;
  readonly texts: ReadonlySet<string>;
}

export interface DocumentPolicy {
  /** `trusted`: documents of the manifest alone. */
  readonly documents: 'any' | 'trusted';
  readonly manifest: Manifest;
  readonly persistedQueries: PersistedQueriesPolicy;
}

export const defaultDocumentPolicy: DocumentPolicy = Object.freeze<DocumentPolicy>({
  documents: 'any',
  manifest: { byId: new Map(), texts: new Set() },
  persistedQueries: { enabled: false, entriesMax: 1_000, bytesMax: 8_388_608 },
});
