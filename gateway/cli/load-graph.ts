/** Loads the graph for a command: what does not fit is said with its line in gateway.yaml. */
import { checkSubjects } from '../authorize/check-subjects.ts';
import type { Config, UpstreamConfig } from '../config.ts';
import { ConfigError, formatPath } from '../config-error.ts';
import type { Transport } from '../delegate/upstream.ts';
import type { Environment } from '../environment-text.ts';
import { type LoadDocument, type LoadedGraph, loadGraph } from '../graph.ts';
import { MisfitError } from '../misfit-error.ts';
import { readYaml } from '../yaml-source.ts';
import { subjectsOf } from './subjects-of.ts';

/** Throws ConfigError where configuration and descriptions do not fit. */
export async function loadPlacedGraph(
  config: Config,
  transportOf: (upstream: UpstreamConfig) => Transport,
  options: { readonly env: Environment; readonly loadDocument?: LoadDocument },
): Promise<LoadedGraph> {
  try {
    const graph = await loadGraph(config, transportOf, options.loadDocument);
    checkSubjects(graph.schema, subjectsOf(config));
    return graph;
  } catch (error) {
    if (!(error instanceof MisfitError)) throw error;
    const { message, path } = error;
    const source = await readYaml(config.file, options);
    const where = { file: source.file, ...source.at(path), path: formatPath(path) };
    throw new ConfigError([{ ...where, code: 'misfit', message }]);
  }
}
