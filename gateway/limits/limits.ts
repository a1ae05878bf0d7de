/** The numbers that bound one request and its document, and their defaults. */

export interface Limits {
  readonly bodyBytes: number;
  /** Lexical tokens of a document. */
  readonly tokens: number;
  readonly depth: number;
  /** Fields of an operation after merging: distinct response keys at each place. */
  readonly height: number;
  readonly rootFields: number;
  /** Fields of an operation, fragments expanded. */
  readonly fields: number;
  /** Uses of aliases, fragments expanded. */
  readonly aliases: number;
  /** Directives, fragments expanded. */
  readonly directives: number;
  /** Nested fields of introspection; the usual introspection query has 15. */
  readonly introspectionDepth: number;
  /**
   * Inputs to coerce: entries of lists in variables, and fields of input objects, given or not and
   * in defaults, once per use of their variable.
   */
  readonly inputs: number;
  /** Entries that one list may be asked for. */
  readonly listSize: number;
  /** Estimated cost of an operation. */
  readonly cost: number;
  /** Requests in flight in this process. */
  readonly inFlight: number;
  /** Requests in flight per caller; per address for unauthenticated ones. */
  readonly inFlightPerCaller: number;
  /** Operations in flight that only the reference engine can run. */
  readonly referenceInFlight: number;
  /** Multiplies the cost of operations that only the reference engine can run. */
  readonly referenceFactor: number;
  /** Deadline of a whole operation. */
  readonly timeoutMs: number;
}

export const defaultLimits: Limits = Object.freeze({
  bodyBytes: 102_400,
  tokens: 2_000,
  depth: 10,
  height: 500,
  rootFields: 20,
  fields: 1_000,
  aliases: 30,
  directives: 50,
  introspectionDepth: 20,
  inputs: 50_000,
  listSize: 100,
  cost: 5_000,
  inFlight: 2_000,
  inFlightPerCaller: 100,
  referenceInFlight: 32,
  referenceFactor: 2,
  timeoutMs: 15_000,
});
