/** What a condition may know of a request besides its caller: where it comes from, and when. */
export interface Situation {
  /** ISO 3166 code; undefined where no database says. */
  readonly country: string | undefined;
  /** Named lists that the client's address is on. */
  readonly networks: readonly string[];
  /** When the request arrived, in milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Nothing is known: no condition on a situation holds. */
export const unknownSituation: Situation = Object.freeze({
  country: undefined,
  networks: [],
  nowMs: Number.NaN,
});
