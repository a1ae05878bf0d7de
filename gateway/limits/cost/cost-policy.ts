/** The cost settings of policies/limits, before they are matched with the schema. */
import type { Problem } from '../../files/config-error.ts';

/** A source position; with a code and a message it becomes a Problem. */
export type Place = Omit<Problem, 'code' | 'message'>;

/** How the size of the list behind a field is determined. */
export interface ListSize {
  /**
   * Arguments that state the size, as paths: `first`, `page.size`. Undefined for the usual names.
   */
  readonly arguments: readonly string[] | undefined;
  /** Fields of the returned object that hold the list. */
  readonly sizedFields: readonly string[] | undefined;
  /** Entries assumed if no argument states the size; undefined for the policy's assumed size. */
  readonly assumed: number | undefined;
}

export interface CostPolicy {
  /** By `Type`, `Type.field`, `Type.field(arg:)` or `Input.field`. */
  readonly weights: ReadonlyMap<string, { readonly weight: number; readonly place: Place }>;
  /** By `Type.field`. */
  readonly listSizes: ReadonlyMap<string, { readonly size: ListSize; readonly place: Place }>;
  /** Added for each upstream call that the operation causes. */
  readonly upstreamCall: number;
  /** Added for each root field of a mutation. */
  readonly mutation: number;
  /** Entries assumed for a list of unknown size. */
  readonly assumedListSize: number;
}

export const defaultCostPolicy: CostPolicy = Object.freeze({
  weights: new Map(),
  listSizes: new Map(),
  upstreamCall: 10,
  mutation: 10,
  assumedListSize: 20,
});
