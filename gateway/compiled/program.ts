/**
 * What an authorised operation is compiled to: which upstream is asked for what, how its answer is
 * read, and where the next call takes its keys from. Holds no value of a caller.
 */
import type { GraphQLOutputType } from 'graphql';
import type { KeyTarget, RestCall, Source } from '../graph/graph-parts.ts';

/** What goes wrong while one answer is read. */
export interface Reading {
  /** Values that do not fit, as a GraphQL upstream's answer counts them. */
  mismatches: number;
  /** Places that became null for them, as a REST upstream's answer counts them. */
  nulled: number;
}

/**
 * Reads one value of an answer as the upstream's schema has it: the value (lists and objects of a
 * GraphQL answer are read in place), null, or an Error where it does not fit.
 */
export type Decode = (raw: unknown, reading: Reading) => unknown;

/** A field that an upstream is asked for. */
export interface Field {
  readonly name: string;
  /** Result key in the executed document. */
  readonly rawKey: string;
  /** Key in the upstream's answer. */
  readonly sent: string;
  /** `name(arguments)` as a GraphQL upstream is asked; empty for REST. */
  readonly asked: string;
  /** Callers' variables in `asked`. */
  readonly variables: readonly string[];
  readonly nonNull: boolean;
  /** Asked for because joins and links need it, not because the document does. */
  readonly isKey: boolean;
  readonly decode: Decode;
  /** REST: `read` takes the whole object, not what is behind `sent`. */
  readonly isWhole: boolean;
  /** REST: the value behind the wire's key, before `take`. */
  readonly read: ((value: unknown) => unknown) | undefined;
  /** REST: whether a string behind the wire's key is the value, whatever it says. */
  readonly takesText: boolean;
  readonly selection: Selection | undefined;
  /** Lists around the value. */
  readonly listDepth: number;
}

/** Fields of one concrete type within one upstream, and what leads on from there. */
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
  /** As the executable schema has it. */
  readonly type: GraphQLOutputType;
  readonly selection: Selection | undefined;
}

export interface Selection {
  /** The type where it is known beforehand; undefined: objects say `__typename`. */
  readonly typeName: string | undefined;
  readonly byType: ReadonlyMap<string, ObjectPart>;
  /** As a GraphQL upstream is asked, braces included; empty for REST. */
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
  /** Reads the root field: a row, or the list of rows. */
  readonly decode: Decode;
  readonly required: boolean;
  /** Lists around a row. */
  readonly listDepth: number;
  /** The key argument's type, as the upstream has it. */
  readonly keyType: string;
  /** REST: how it is called, and the properties it is asked for; undefined for GraphQL. */
  readonly call: Pick<RestRootCall, 'call' | 'fields'> | undefined;
  readonly isKeyed: boolean;
  /** One object for all that ask the same of the same root field: they share their keys. */
  readonly loaderKey: object;
}

/** Another upstream's part of an object. */
export interface Join extends ByKey {
  /** Result key of the object that holds the key. */
  readonly key: string;
  readonly part: ObjectPart;
}

/** A field that follows a key. */
export interface Link extends ByKey {
  readonly rawKey: string;
  readonly from: string;
  /** The join that brings the key; undefined: the object itself has it. */
  readonly after: Join | undefined;
}

export interface Root {
  readonly rawKey: string;
  readonly type: GraphQLOutputType;
  readonly decode: Decode;
  /** Null is no answer. */
  readonly required: boolean;
  readonly selection: Selection | undefined;
  /** Lists around the value. */
  readonly listDepth: number;
}

/** One request to a GraphQL upstream with all its root fields. */
export interface GraphqlCall {
  readonly kind: 'graphql';
  readonly source: Extract<Source, { kind: 'graphql' }>;
  readonly roots: readonly Root[];
  /** The document, as JSON text. */
  readonly queryJson: string;
  readonly label: 'query' | 'mutation';
  readonly variables: readonly string[];
}

export interface RestRootCall {
  readonly kind: 'openapi';
  readonly source: Extract<Source, { kind: 'openapi' }>;
  readonly root: Root;
  readonly call: RestCall;
  /** Properties that the upstream is asked for; undefined: all. */
  readonly fields: readonly string[] | undefined;
  /** Arguments from the caller's variables; throws where they do not fit. */
  readonly toArgs: (
    variables: Readonly<Record<string, unknown>>,
  ) => Readonly<Record<string, unknown>>;
}

export type RootCall = GraphqlCall | RestRootCall;

export interface Program {
  /** Calls that need no other's answer; of a mutation they are made one after the other. */
  readonly calls: readonly RootCall[];
  readonly isSerial: boolean;
  /** Root fields in the executed document's order. */
  readonly root: ObjectPart;
  /** Declarations of the caller's variables, `$id: ID!`, by name, as each upstream has the types. */
  readonly declarations: ReadonlyMap<Source, ReadonlyMap<string, string>>;
  /** No variable of the caller starts with it. */
  readonly keyPrefix: string;
}

/** An operation that only the reference engine can take, and why. */
export class Unsupported {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}

/** The concrete part of a selection for an object. */
export function partOf(
  selection: Selection,
  object: Readonly<Record<string, unknown>>,
): ObjectPart | undefined {
  const typeName = selection.typeName ?? object.__typename;
  return typeof typeName === 'string' ? selection.byType.get(typeName) : undefined;
}
