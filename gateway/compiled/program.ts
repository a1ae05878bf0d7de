/**
 * The compiled form of an authorised operation: what each upstream is asked for, how its answer is
 * read, and where the next call takes its keys from. Holds no value of a caller.
 */
import type { GraphQLOutputType } from 'graphql';
import type { KeyTarget, RestCall, Source } from '../graph/graph-parts.ts';

/** Counts of mismatches while one answer is read. */
export interface Reading {
  /** Values that do not fit; the measure for answers of GraphQL upstreams. */
  mismatches: number;
  /** Places that became null because of a mismatch; the measure for answers of REST upstreams. */
  nulled: number;
}

/**
 * Reads one value of an answer by the upstream's schema: gives the value, null, or an Error if it
 * does not fit. Lists and objects of a GraphQL answer are changed in place.
 */
export type Decode = (raw: unknown, reading: Reading) => unknown;

/** A field that an upstream is asked for. */
export interface Field {
  readonly name: string;
  /** Result key in the executed document. */
  readonly rawKey: string;
  /** Key in the upstream's answer. */
  readonly sent: string;
  /** `name(arguments)` as sent to a GraphQL upstream; empty for REST. */
  readonly asked: string;
  /** The caller's variables that `asked` uses. */
  readonly variables: readonly string[];
  readonly nonNull: boolean;
  /** Added because joins and links need it, not selected by the document. */
  readonly isKey: boolean;
  readonly decode: Decode;
  /** REST: `read` takes the whole object instead of the value under `sent`. */
  readonly isWhole: boolean;
  /** REST: converts the value found in the answer before `decode` reads it. */
  readonly read: ((value: unknown) => unknown) | undefined;
  /** REST: whether any string under `sent` is already the value. */
  readonly takesText: boolean;
  readonly selection: Selection | undefined;
  /** How many lists wrap the value. */
  readonly listDepth: number;
}

/** The fields of one concrete type at one upstream, and the joins and links from it. */
export interface ObjectPart {
  readonly typeName: string;
  readonly fields: readonly Field[];
  readonly joins: readonly Join[];
  readonly links: readonly Link[];
  /** All result keys of the executed document, in its order. */
  readonly order: readonly Ordered[];
}

export interface Ordered {
  readonly rawKey: string;
  /** The type in the executable schema. */
  readonly type: GraphQLOutputType;
  readonly selection: Selection | undefined;
}

export interface Selection {
  /** The type if it is known at compile time; if undefined, objects state `__typename`. */
  readonly typeName: string | undefined;
  readonly byType: ReadonlyMap<string, ObjectPart>;
  /** The selection sent to a GraphQL upstream, with braces; empty for REST. */
  readonly text: string;
  readonly variables: readonly string[];
  /** Whether a join or link leads on from here or below. */
  readonly follows: boolean;
}

/** How objects are asked for by key. */
export interface ByKey {
  readonly source: Source;
  readonly target: KeyTarget;
  /** Reads one row. */
  readonly selection: Selection;
  /** Reads the root field: one row or the list of rows. */
  readonly decode: Decode;
  readonly required: boolean;
  /** How many lists wrap a row. */
  readonly listDepth: number;
  /** The type of the key argument, by the upstream's name. */
  readonly keyType: string;
  /** REST: the call and the properties to ask for; undefined for GraphQL. */
  readonly call: Pick<RestRootCall, 'call' | 'fields'> | undefined;
  readonly isKeyed: boolean;
  /**
   * The same object for all that select the same from the same root field, so that they share keys.
   */
  readonly loaderKey: object;
}

/** The part of an object that another upstream owns. */
export interface Join extends ByKey {
  /** Result key of the object's key. */
  readonly key: string;
  readonly part: ObjectPart;
}

/** A field that follows a key to another object. */
export interface Link extends ByKey {
  readonly rawKey: string;
  readonly from: string;
  /** The join that brings the key; undefined if the object itself has it. */
  readonly after: Join | undefined;
}

export interface Root {
  readonly rawKey: string;
  readonly type: GraphQLOutputType;
  readonly decode: Decode;
  /** Null is not accepted. */
  readonly required: boolean;
  readonly selection: Selection | undefined;
  /** How many lists wrap the value. */
  readonly listDepth: number;
}

/** One request to a GraphQL upstream for all its root fields. */
export interface GraphqlCall {
  readonly kind: 'graphql';
  readonly source: Extract<Source, { kind: 'graphql' }>;
  readonly roots: readonly Root[];
  /** The document as JSON text. */
  readonly queryJson: string;
  readonly label: 'query' | 'mutation';
  readonly variables: readonly string[];
}

export interface RestRootCall {
  readonly kind: 'openapi';
  readonly source: Extract<Source, { kind: 'openapi' }>;
  readonly root: Root;
  readonly call: RestCall;
  /** Properties to ask the upstream for; undefined for all. */
  readonly fields: readonly string[] | undefined;
  /** Makes the arguments from the caller's variables; throws if they do not fit. */
  readonly toArgs: (
    variables: Readonly<Record<string, unknown>>,
  ) => Readonly<Record<string, unknown>>;
}

export type RootCall = GraphqlCall | RestRootCall;

export interface Program {
  /** Calls that do not depend on each other's answers; those of a mutation run in sequence. */
  readonly calls: readonly RootCall[];
  readonly isSerial: boolean;
  /** Root fields in the executed document's order. */
  readonly root: ObjectPart;
  /**
   * Declarations of the caller's variables, such as `$id: ID!`, by name, in each upstream's types.
   */
  readonly declarations: ReadonlyMap<Source, ReadonlyMap<string, string>>;
  /** A prefix that no variable of the caller has. */
  readonly keyPrefix: string;
}

/** Thrown or returned for an operation that only the reference engine can take. */
export class Unsupported {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** The part of a selection for the concrete type of an object. */
export function partOf(
  selection: Selection,
  object: Readonly<Record<string, unknown>>,
): ObjectPart | undefined {
  const typeName = selection.typeName ?? object.__typename;
  return typeof typeName === 'string' ? selection.byType.get(typeName) : undefined;
}
