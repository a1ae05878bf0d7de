/**
 * The weights and list sizes by coordinate, and the upstreams that own each field: compiled once
 * from the policy, the upstreams' @cost and @listSize, joins and links. Policy takes precedence
 * over SDL; of several upstreams' weights, the highest counts.
 */
import { type GraphQLObjectType, type GraphQLSchema, isObjectType } from 'graphql';
import { ConfigError } from '../../files/config-error.ts';
import type { PinnedArguments } from '../../plan/pinned.ts';
import { type DirectiveWeights, readCostDirectives } from './cost-directives.ts';
import { checkCostNames } from './cost-names.ts';
import type { CostPolicy, ListSize } from './cost-policy.ts';

/** An upstream that owns a field. */
export interface CallSource {
  readonly upstream: string;
  /** Whether one call serves all objects of a list. */
  readonly batched: boolean;
}

export interface CostWeights
  extends Pick<CostPolicy, 'upstreamCall' | 'mutation' | 'assumedListSize'> {
  readonly weights: ReadonlyMap<string, number>;
  readonly listSizes: ReadonlyMap<string, ListSize>;
  /** Upstreams that own `Type.field`; for a linked field see `links`. */
  readonly sources: ReadonlyMap<string, readonly CallSource[]>;
  readonly links: ReadonlyMap<string, CallSource>;
  /** The cost of the reads before mutation fields, by coordinate; absent if there are none. */
  readonly reads?: ReadonlyMap<string, number>;
  /** The schema that includes what callers do not see: upstreams apply its defaults. */
  readonly whole: GraphQLSchema;
  /** Arguments that upstreams are sent and documents lack; absent if there are none. */
  readonly pinned?: PinnedArguments;
}

/** The parts of the graph before stitching. */
export interface CostGraph {
  /** The schema against which names are checked: all that an operation can name. */
  readonly schema: GraphQLSchema;
  /** By upstream; with syntax trees, which carry the SDL directives. */
  readonly upstreams: ReadonlyMap<string, GraphQLSchema>;
  /** By type, then upstream. */
  readonly joins?: Readonly<
    Record<string, { readonly upstreams: Readonly<Record<string, { readonly batch?: boolean }>> }>
  >;
  /** By `Type.field`. */
  readonly links?: Readonly<
    Record<string, { readonly upstream: string; readonly batch?: boolean }>
  >;
}

/** The weight of a field; by default the highest that an interface of its type sets. */
export function weightSet(
  { weights }: CostWeights,
  type: GraphQLObjectType,
  field: string,
): number | undefined {
  const own = weights.get(`${type.name}.${field}`);
  if (own !== undefined) return own;
  const above = type.getInterfaces().flatMap(({ name }) => weights.get(`${name}.${field}`) ?? []);
  return above.length === 0 ? undefined : Math.max(...above);
}

/** The list size set for a field, or for the field of an interface of its type. */
export function listSizeSet(
  { listSizes }: CostWeights,
  type: GraphQLObjectType,
  field: string,
): ListSize | undefined {
  const owners = [type, ...type.getInterfaces()];
  return owners.map(({ name }) => listSizes.get(`${name}.${field}`)).find((one) => one);
}

/** Throws ConfigError if the policy names something unknown, Error for invalid SDL. */
export function compileCostWeights(graph: CostGraph, policy: CostPolicy): CostWeights {
  const problems = checkCostNames(graph.schema, policy);
  if (problems.length > 0) throw new ConfigError(problems);
  const weights = new Map<string, number>();
  const listSizes = new Map<string, ListSize>();
  for (const [upstream, schema] of graph.upstreams) {
    const found = directivesOf(upstream, schema);
    for (const [at, weight] of found.weights) {
      weights.set(at, Math.max(weight, weights.get(at) ?? Number.NEGATIVE_INFINITY));
    }
    for (const [at, size] of found.listSizes) listSizes.set(at, size);
  }
  for (const [at, { weight }] of policy.weights) weights.set(at, weight);
  for (const [at, { size }] of policy.listSizes) listSizes.set(at, size);
  const links = Object.entries(graph.links ?? {}).map(
    ([at, { upstream, batch }]): [string, CallSource] => [
      at,
      { upstream, batched: batch === true },
    ],
  );
  const { upstreamCall, mutation, assumedListSize } = policy;
  return {
    weights,
    listSizes,
    sources: sourcesOf(graph),
    links: new Map(links),
    upstreamCall,
    mutation,
    assumedListSize,
    whole: graph.schema,
  };
}

function directivesOf(upstream: string, schema: GraphQLSchema): DirectiveWeights {
  try {
    return readCostDirectives(schema);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new Error(`upstream ${upstream}: ${error.message}`, { cause: error });
  }
}

function sourcesOf({ upstreams, joins = {} }: CostGraph): CostWeights['sources'] {
  const sources = new Map<string, CallSource[]>();
  for (const [upstream, schema] of upstreams) {
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type) || type.name.startsWith('__')) continue;
      const batched = joins[type.name]?.upstreams[upstream]?.batch === true;
      for (const name of Object.keys(type.getFields())) {
        const at = `${type.name}.${name}`;
        sources.set(at, [...(sources.get(at) ?? []), { upstream, batched }]);
      }
    }
  }
  return sources;
}
