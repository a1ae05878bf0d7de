/**
 * The graph in parts, for an engine that calls upstreams itself: who owns which coordinate, how an
 * upstream is asked, and how joins and links lead from one to the next. Made where the graph is
 * composed; plain data, and functions of it.
 */
import type {
  FieldNode,
  GraphQLField,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLUnionType,
} from 'graphql';
import type { DelegationContext, Transport } from '../delegate/upstream.ts';
import type { UpstreamFailure } from '../errors.ts';

export interface GraphParts {
  /** Coordinate `Type.field` to the upstream that has it. */
  readonly owners: ReadonlyMap<string, string>;
  readonly sources: ReadonlyMap<string, Source>;
  /** By type. */
  readonly joins: ReadonlyMap<string, JoinPart>;
  /** By coordinate. */
  readonly links: ReadonlyMap<string, LinkPart>;
}

interface SourceBase {
  readonly name: string;
  /** As the upstream's description has it; roots of a GraphQL upstream may be null. */
  readonly schema: GraphQLSchema;
  /** Root fields through which rows are asked by key, to the field of the rows that is the key. */
  readonly keyed: ReadonlyMap<string, string>;
  /** Keys in one root field. */
  readonly keysMax: number;
}

export interface GraphqlSource extends SourceBase {
  readonly kind: 'graphql';
  /** Root fields that must not be null, as `Query.total`. */
  readonly required: ReadonlySet<string>;
  /** A type name of the graph as the upstream has it. */
  readonly toWireName: (name: string) => string;
  readonly send: Transport;
}

export interface AskedCall {
  readonly args: Readonly<Record<string, unknown>>;
  /** Properties to ask for; undefined: all, or the upstream cannot be asked so. */
  readonly fields: readonly string[] | undefined;
  readonly context: DelegationContext;
}

export interface RestCall {
  /** Gives the value that the root field holds; throws UpstreamFailure. */
  send(asked: AskedCall): Promise<unknown>;
  /** `fields` for what is selected of the root field: without fragments and variables. */
  fieldsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): readonly string[] | undefined;
}

export interface RestSource extends SourceBase {
  readonly kind: 'openapi';
  /** By coordinate, `Query.employee`. */
  readonly calls: ReadonlyMap<string, RestCall>;
  /** How a field of a type is read; undefined for root fields. */
  readonly readOf: (field: GraphQLField<unknown, unknown>) => RestRead | undefined;
  /** Of which type of a union an object of an answer is; undefined: of none. */
  readonly typeOf: (type: GraphQLUnionType, value: object) => string | undefined;
}

export type Source = GraphqlSource | RestSource;

/** How a graph's upstreams are asked without the schema in between; composition adds the rest. */
export type Direct =
  | Omit<GraphqlSource, 'name' | 'keyed' | 'keysMax'>
  | Omit<RestSource, 'name' | 'keyed' | 'keysMax'>;

/** How one upstream is asked for objects by key. */
export interface KeyTarget {
  readonly upstream: string;
  readonly field: string;
  readonly argument: string;
  readonly isBatch: boolean;
  /** The type in the upstream's own schema. */
  readonly type: GraphQLObjectType;
  /** The key as the argument takes it; null where there is none. */
  readonly toKey: (value: unknown) => string | number | null | UpstreamFailure;
}

export interface JoinPart {
  readonly key: string;
  /** By upstream. */
  readonly targets: ReadonlyMap<string, KeyTarget>;
}

export interface LinkPart {
  readonly target: KeyTarget;
  /** The field of the object that holds the key. */
  readonly from: string;
  /** Whether rows state their key. */
  readonly isKeyed: boolean;
}

export interface RestRead {
  /** The property that holds the value; undefined: `read` takes the whole object. */
  readonly wire: string | undefined;
  /** The value as the field may hold it; an UpstreamFailure stands where it does not fit. */
  readonly read: (value: unknown) => unknown;
  /** Whether `read` gives back any string as it is. */
  readonly takesText: boolean;
}
