/** What policies/limits say of costs, before they know the schema. */
import type { Problem } from '../../files/config-error.ts';

/** Where something stands; a problem once it is known what is wrong. */
export type Place = Omit<Problem, 'code' | 'message'>;

/** How long the list behind a field is. */
export interface ListSize {
  /** Arguments that say so, as paths: `first`, `page.size`. Undefined: the usual names. */
  readonly arguments: readonly string[] | undefined;
  /** Fields of the object that it returns which hold the list. */
  readonly sizedFields: readonly string[] | undefined;
  /** Entries where no argument says. Undefined: the assumed size of the policy. */
  readonly assumed: number | undefined;
}

export interface CostPolicy {
  /** By `Type`, `Type.field`, `Type.field(arg:)` or `Input.field`. */
  readonly weights: ReadonlyMap<string, { readonly weight: number; readonly place: Place }>;
  /** By `Type.field`. */
  readonly listSizes: ReadonlyMap<string, { readonly size: ListSize; readonly place: Place }>;
  /** Added for each call that the operation makes upstreams take. */
  readonly upstreamCall: number;
  /** Added for each root field of a mutation. */
  readonly mutation: number;
  /** Entries of a list whose size nobody says. */
  readonly assumedListSize: number;
}

export const defaultCostPolicy: CostPolicy = Object.freeze({
  weights: new Map(),
  listSizes: new Map(),
  upstreamCall: 10,
  mutation: 10,
  assumedListSize: 20,
});
