/**
 * Input of composition: the subgraphs, the types that several of them share by a key, and the
 * fields that follow a key. Plain data, as in the configuration file.
 */
import type { Executor } from '@graphql-tools/utils';
import type { GraphQLSchema } from 'graphql';
import type { Direct } from '../../graph/graph-parts.ts';

export interface ComposedSubgraph {
  /** The upstream's name. */
  readonly name: string;
  readonly schema: GraphQLSchema;
  /** Its `context` is a DelegationContext. */
  readonly executor: Executor;
  readonly kind: 'graphql' | 'openapi';
  /** Access to the upstream without stitching; absent: only the reference engine can ask it. */
  readonly direct?: Direct;
}

/** How one upstream is asked for objects by key. */
export interface JoinTarget {
  /** A query field that takes a key, or a list of keys. */
  readonly field: string;
  readonly argument: string;
  /** Whether the argument takes many keys at once. */
  readonly batch?: boolean;
}

/** A type of several upstreams: the key field that all of them have, and one target for each. */
export type JoinConfig = { readonly key: string } & {
  readonly [upstream: string]: JoinTarget | string;
};

/** A field that leads from one object's field (`from`) to the object with that key. */
export interface LinkConfig extends JoinTarget {
  readonly upstream: string;
  readonly from: string;
}

/** By type name. */
export type Joins = Readonly<Record<string, JoinConfig>>;
/** By coordinate, `Employee.manager`. */
export type Links = Readonly<Record<string, LinkConfig>>;

/** A join's targets by upstream, in the order written. */
export function joinTargets(join: JoinConfig): [upstream: string, target: JoinTarget][] {
  return Object.entries(join).flatMap(([name, target]): [string, JoinTarget][] =>
    typeof target === 'object' ? [[name, target]] : [],
  );
}
