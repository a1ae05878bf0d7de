/**
 * What authorisation leaves to be done: an operation that asks only for what is granted, and the
 * projection that puts its result back into the caller's shape. Made by authorize/, run by an
 * engine, read by shape/.
 *
 * Result keys. In the executed document a field is either unaliased or its alias starts with a
 * reserved prefix (`fg_`, or `fg3_` where implementations must not meet), so that no alias of the
 * caller can take the place of a key that stitching reads.
 */
import type { DocumentNode, FieldNode, GraphQLOutputType, OperationTypeNode } from 'graphql';

export type MaskName = 'last4' | 'redact';

export interface AuthorizedOperation {
  readonly type: OperationTypeNode;
  /** What an engine runs; undefined where nothing granted is left to fetch. */
  readonly document: DocumentNode | undefined;
  /** Variables that `document` declares. */
  readonly variableNames: readonly string[];
  /** The caller's introspection fields, to be run against the public schema. */
  readonly introspection: DocumentNode | undefined;
  readonly projection: ProjectedSelection;
  /** Coordinates, each once, in order of first appearance. */
  readonly denied: readonly string[];
  readonly masked: readonly string[];
  readonly allowed: readonly string[];
}

/** Fields of one selection set, per concrete object type. */
export interface ProjectedSelection {
  /** The type's name where it is known before execution; undefined: read `__typename`. */
  readonly typeName: string | undefined;
  readonly byType: ReadonlyMap<string, readonly ProjectedField[]>;
  /** Coordinate of the field that selects, for refusals of a whole object. */
  readonly coordinate: string;
}

export type ProjectedField =
  | { readonly kind: 'typename'; readonly key: string }
  | { readonly kind: 'introspection'; readonly key: string }
  | { readonly kind: 'denied'; readonly key: string; readonly coordinate: string }
  | ProjectedValue;

export interface ProjectedValue {
  readonly kind: 'value';
  /** Response key the caller asked for. */
  readonly key: string;
  /** Response key in the executed document. */
  readonly rawKey: string;
  readonly coordinate: string;
  /** The caller's first selection of it, with its arguments as written. */
  readonly node: FieldNode;
  /** Type in the public schema. */
  readonly type: GraphQLOutputType;
  readonly mask: MaskName | undefined;
  /** Values of an enum that may leave; undefined: every value. */
  readonly members?: ReadonlySet<string> | undefined;
  /** Structured scalar values leave only where the coordinate is granted by name. */
  readonly scalarsOnly: boolean;
  readonly selection: ProjectedSelection | undefined;
}

/** Aliases and upstream names that only the gateway may use. */
export const reservedName = /^fg\d*_/;

/** The caller's response key behind a result key, for error paths. */
export function toCallerKey(rawKey: string): string {
  return rawKey.replace(reservedName, '');
}
