/** What conditions know of a request besides its caller: its origin and its time. */
export interface Situation {
  /** ISO 3166 code; undefined if no database knows it. */
  readonly country: string | undefined;
  /** Named lists that contain the client's address. */
  readonly networks: readonly string[];
  /** When the request arrived, in milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Nothing is known, so no condition on the situation holds. */
export const unknownSituation: Situation = Object.freeze({
  country: undefined,
  networks: [],
  nowMs: Number.NaN,
});
