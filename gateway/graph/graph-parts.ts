/**
 * The graph in parts, for an engine that calls upstreams itself: which upstream owns each
 * coordinate, how it is asked, and how joins and links lead from one to the next. Made when the
 * graph is composed; plain data and pure functions.
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
  /** Coordinate `Type.field` to the upstream that owns it. */
  readonly owners: ReadonlyMap<string, string>;
  readonly sources: ReadonlyMap<string, Source>;
  /** By type. */
  readonly joins: ReadonlyMap<string, JoinPart>;
  /** By coordinate. */
  readonly links: ReadonlyMap<string, LinkPart>;
}

interface SourceBase {
  readonly name: string;
  /**
   * The schema in the upstream's description; root fields of a GraphQL upstream are made nullable.
   */
  readonly schema: GraphQLSchema;
  /** Root fields that take rows by key, to the field of a row that is the key. */
  readonly keyed: ReadonlyMap<string, string>;
  /** Most keys in one root field. */
  readonly keysMax: number;
}

export interface GraphqlSource extends SourceBase {
  readonly kind: 'graphql';
  /** Root fields that the upstream declares non-null, as `Query.total`. */
  readonly required: ReadonlySet<string>;
  /** The upstream's name for a type of the graph. */
  readonly toWireName: (name: string) => string;
  readonly send: Transport;
}

export interface AskedCall {
  readonly args: Readonly<Record<string, unknown>>;
  /** Properties to ask for; undefined for all, or if the upstream cannot select. */
  readonly fields: readonly string[] | undefined;
  readonly context: DelegationContext;
}

export interface RestCall {
  /** Gives the value of the root field; throws UpstreamFailure. */
  send(asked: AskedCall): Promise<unknown>;
  /** Why these arguments must not be sent. */
  refuses(args: AskedCall['args']): UpstreamFailure | undefined;
  /** The `fields` for a root field's selection, which has no fragments or variables. */
  fieldsOf(field: GraphQLField<unknown, unknown>, node: FieldNode): readonly string[] | undefined;
}

export interface RestSource extends SourceBase {
  readonly kind: 'openapi';
  /** By coordinate, `Query.employee`. */
  readonly calls: ReadonlyMap<string, RestCall>;
  /** How a field of a type is read; undefined for root fields. */
  readonly readOf: (field: GraphQLField<unknown, unknown>) => RestRead | undefined;
  /** The member of a union that an object of an answer belongs to; undefined if none. */
  readonly typeOf: (type: GraphQLUnionType, value: object) => string | undefined;
}

export type Source = GraphqlSource | RestSource;

/**
 * How upstreams are asked without their executable schema; composition adds the remaining fields.
 */
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
  /** Converts a value to the argument's key; null if there is no key. */
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
  /** The property that holds the value; undefined if `read` takes the whole object. */
  readonly wire: string | undefined;
  /** Converts the value to the field's type; gives an UpstreamFailure if it does not fit. */
  readonly read: (value: unknown) => unknown;
  /** Whether `read` returns any string unchanged. */
  readonly takesText: boolean;
}
