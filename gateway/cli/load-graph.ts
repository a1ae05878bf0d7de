/** Loads the graph for a command and reports mismatches at their line of gateway.yaml. */
import { checkSubjects } from '../authorize/access/check-subjects.ts';
import type { Config, UpstreamConfig } from '../config.ts';
import type { Transport } from '../delegate/upstream.ts';
import type { Environment } from '../files/environment-text.ts';
import { type LoadDocument, type LoadedGraph, loadGraph } from '../graph.ts';
import { atLine } from './at-line.ts';
import { subjectsOf } from './subjects-of.ts';

/** Throws ConfigError if configuration and descriptions do not match. */
export async function loadPlacedGraph(
  config: Config,
  transportOf: (upstream: UpstreamConfig) => Transport,
  options: { readonly env: Environment; readonly loadDocument?: LoadDocument },
): Promise<LoadedGraph> {
  return await atLine(config.file, options, async () => {
    const graph = await loadGraph(config, transportOf, options.loadDocument);
    checkSubjects(graph.schema, subjectsOf(config));
    return graph;
  });
}
