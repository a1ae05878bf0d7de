/**
 * Builds the graph from configuration: each upstream's description becomes a subgraph with an
 * executor, and joins and links stitch them into one schema. Reads files; calls no upstream. A
 * description that does not fit prevents the start.
 */
import type { GraphQLSchema } from 'graphql';
import { isUrl } from './config/config-provider-url.ts';
import type { Config, UpstreamConfig } from './config.ts';
import { createGraphqlExecutor, toGraphqlDirect } from './delegate/graphql/graphql-executor.ts';
import { loadGraphqlSubgraph } from './delegate/graphql/graphql-subgraph.ts';
import { createRestUpstream } from './delegate/openapi/call/rest-executor.ts';
import type { RestOperation } from './delegate/openapi/call/rest-operation.ts';
import type { ApiDocument } from './delegate/openapi/document/api-document.ts';
import { loadOpenApi } from './delegate/openapi/load-openapi.ts';
import { type ReportEntry, translateOpenApi } from './delegate/openapi/translate-openapi.ts';
import { composeSchema } from './delegate/stitch/stitch.ts';
import type { ComposedSubgraph, Joins } from './delegate/stitch/stitch-config.ts';
import type { Transport } from './delegate/upstream.ts';
import { placed, placedNow } from './files/misfit-error.ts';
import type { Graph } from './snapshot/snapshot.ts';

/** One upstream's part of the graph, by its description. */
export interface LoadedSubgraph {
  readonly schema: GraphQLSchema;
  /** REST calls by coordinate; undefined for a GraphQL upstream. */
  readonly operations: ReadonlyMap<string, RestOperation> | undefined;
  /** The prefix of type names in `schema`, which the upstream's own names lack. */
  readonly prefix?: string | undefined;
}

export interface LoadedGraph extends Graph {
  /** By upstream name. */
  readonly subgraphs: ReadonlyMap<string, LoadedSubgraph>;
  /** What the graph leaves out of an OpenAPI document, or represents differently. */
  readonly report: readonly (ReportEntry & { readonly upstream: string })[];
}

/** Loads the OpenAPI document of a file or a URL. */
export type LoadDocument = (source: string) => Promise<ApiDocument>;

/**
 * Reads URLs once, and files on every call: a reload of policies must neither wait for a remote
 * host nor adopt what it serves by then.
 */
export function createDocumentReader(load: LoadDocument = loadOpenApi): LoadDocument {
  const read = new Map<string, ApiDocument>();
  return async (source) => {
    const document = read.get(source) ?? (await load(source));
    if (isUrl(source)) read.set(source, document);
    return document;
  };
}

/** Throws MisfitError naming the upstream, the file or the coordinate that does not fit. */
export async function loadGraph(
  config: Pick<Config, 'upstreams' | 'joins' | 'links'>,
  transportOf: (upstream: UpstreamConfig) => Transport,
  loadDocument: LoadDocument = loadOpenApi,
): Promise<LoadedGraph> {
  const report: LoadedGraph['report'][number][] = [];
  const subgraphs: ComposedSubgraph[] = [];
  const described = new Map<string, LoadedSubgraph>();
  for (const upstream of config.upstreams) {
    const { name } = upstream;
    const send = transportOf(upstream);
    if (upstream.kind === 'graphql') {
      const { file, operations, prefix } = upstream;
      const schema = await placed(['upstreams', name, 'graphql'], () =>
        loadGraphqlSubgraph({ upstream: name, file, prefix, ...(operations && { operations }) }),
      );
      const subgraph = { upstream: name, schema, send, prefix };
      const executor = createGraphqlExecutor(subgraph);
      const direct = toGraphqlDirect(subgraph);
      subgraphs.push({ name, kind: 'graphql', schema, executor, direct });
      described.set(name, { schema, operations: undefined, prefix });
    } else {
      const translated = await placed(['upstreams', name, 'openapi'], async () =>
        translateOpenApi({
          upstream: name,
          document: await loadDocument(upstream.file),
          operations: upstream.operations,
          select: upstream.select,
        }),
      );
      report.push(...translated.report.map((entry) => ({ ...entry, upstream: name })));
      const { schema } = translated;
      const { executor, direct } = createRestUpstream({ ...translated, upstream: name, send });
      subgraphs.push({ name, kind: 'openapi', schema, executor, direct });
      described.set(name, translated);
    }
  }
  const { joins, links } = config;
  const { schema, joined, parts, keyed } = placedNow(['upstreams'], () =>
    composeSchema({ subgraphs, joins: toJoins(joins), links }),
  );
  const upstreams = new Map(subgraphs.map((one) => [one.name, one.schema]));
  const composed = { schema, joined, parts, keyed };
  return { ...composed, report, subgraphs: described, upstreams, joins, links };
}

function toJoins(joins: Config['joins']): Joins {
  return Object.fromEntries(
    Object.entries(joins).map(([type, { key, upstreams }]) => [type, { ...upstreams, key }]),
  );
}
