/**
 * Builds the graph from configuration: each upstream's description becomes a subgraph with an
 * executor, and joins and links stitch them into one schema. Reads files; calls no upstream.
 */
import type { GraphQLSchema } from 'graphql';
import type { Config, UpstreamConfig } from './config.ts';
import { createGraphqlExecutor, toGraphqlDirect } from './delegate/graphql-executor.ts';
import { loadGraphqlSubgraph } from './delegate/graphql-subgraph.ts';
import { loadOpenApi } from './delegate/openapi/load-openapi.ts';
import { createRestUpstream } from './delegate/openapi/rest-executor.ts';
import type { RestOperation } from './delegate/openapi/rest-operation.ts';
import { type ReportEntry, translateOpenApi } from './delegate/openapi/translate-openapi.ts';
import { composeSchema } from './delegate/stitch.ts';
import type { ComposedSubgraph, Joins } from './delegate/stitch-config.ts';
import type { Transport } from './delegate/upstream.ts';
import type { Graph } from './snapshot.ts';

/** One upstream's part of the graph, as its description has it. */
export interface LoadedSubgraph {
  readonly schema: GraphQLSchema;
  /** REST calls by coordinate; undefined for a GraphQL upstream. */
  readonly operations: ReadonlyMap<string, RestOperation> | undefined;
  /** What the type names of `schema` begin with, and those on the wire do not. */
  readonly prefix?: string | undefined;
}

export interface LoadedGraph extends Graph {
  /** By upstream name. */
  readonly subgraphs: ReadonlyMap<string, LoadedSubgraph>;
  /** What an OpenAPI document asked for and the graph does not have, or has otherwise. */
  readonly report: readonly (ReportEntry & { readonly upstream: string })[];
}

/** Throws Error naming the upstream, the file or the coordinate that does not fit. */
export async function loadGraph(
  config: Pick<Config, 'upstreams' | 'joins' | 'links'>,
  transportOf: (upstream: UpstreamConfig) => Transport,
): Promise<LoadedGraph> {
  const report: LoadedGraph['report'][number][] = [];
  const subgraphs: ComposedSubgraph[] = [];
  const described = new Map<string, LoadedSubgraph>();
  for (const upstream of config.upstreams) {
    const { name } = upstream;
    const send = transportOf(upstream);
    if (upstream.kind === 'graphql') {
      const { file, operations, prefix } = upstream;
      const schema = loadGraphqlSubgraph({
        upstream: name,
        file,
        prefix,
        ...(operations && { operations }),
      });
      const about = { upstream: name, schema, send, prefix };
      const executor = createGraphqlExecutor(about);
      const direct = toGraphqlDirect(about);
      subgraphs.push({ name, kind: 'graphql', schema, executor, direct });
      described.set(name, { schema, operations: undefined, prefix });
    } else {
      const document = await loadOpenApi(upstream.file);
      const translated = translateOpenApi({
        upstream: name,
        document,
        operations: upstream.operations,
        select: upstream.select,
      });
      report.push(...translated.report.map((entry) => ({ ...entry, upstream: name })));
      const { schema } = translated;
      const { executor, direct } = createRestUpstream({ ...translated, upstream: name, send });
      subgraphs.push({ name, kind: 'openapi', schema, executor, direct });
      described.set(name, translated);
    }
  }
  const { schema, joined, parts } = composeSchema({
    subgraphs,
    joins: toJoins(config.joins),
    links: config.links,
  });
  const upstreams = new Map(subgraphs.map((one) => [one.name, one.schema]));
  const { joins, links } = config;
  return { schema, joined, parts, report, subgraphs: described, upstreams, joins, links };
}

function toJoins(joins: Config['joins']): Joins {
  return Object.fromEntries(
    Object.entries(joins).map(([type, { key, upstreams }]) => [type, { ...upstreams, key }]),
  );
}
