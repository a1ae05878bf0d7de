/**
 * Loads a gateway without serving it: the same files, checks and schema, but no requests are sent.
 * If a command runs an operation, its upstream requests are recorded and answered with placeholder
 * data.
 */
import { type Config, loadConfig } from '../config.ts';
import type { Detection } from '../detect/detection.ts';
import type { YamlSource } from '../files/yaml-source.ts';
import type { LoadDocument, LoadedGraph } from '../graph.ts';
import { loadAll, type Policies } from '../snapshot/load.ts';
import { changesAfter, policiesAt } from '../snapshot/policies-at.ts';
import { shadowsIn, type WrittenShadow } from '../snapshot/shadows.ts';
import { buildSnapshot, type Snapshot } from '../snapshot/snapshot.ts';
import { compileDetections } from '../snapshot/snapshot-detect.ts';
import type { CommandIo, CommandOptions } from './command.ts';
import { RequestRecorder } from './explain/explain-recorder.ts';
import { loadPlacedGraph } from './load-graph.ts';
import { subjectsOf } from './subjects-of.ts';

/** `loadDocument` can return documents that the command has read already. */
type OfflineIo = Pick<CommandIo, 'env'> & { readonly loadDocument?: LoadDocument };

export interface OfflineGraph {
  readonly config: Config;
  /** The graph before policies; consumed by the snapshot if there is one. */
  readonly graph: LoadedGraph;
  readonly recorder: RequestRecorder;
}

export interface Offline extends OfflineGraph {
  /** gateway.yaml as written. */
  readonly source: YamlSource;
  /** As of now: rules whose shadow mode is over are in force. */
  readonly policies: Policies;
  /** Rules in shadow mode as written, whether their shadow mode is over or not. */
  readonly shadows: readonly WrittenShadow[];
  readonly nowMs: number;
  readonly snapshot: Snapshot;
  readonly detections: readonly Detection[];
}

/** Loads configuration and graph without the policies; throws ConfigError or Error. */
export async function loadOfflineGraph(
  options: CommandOptions,
  io: Pick<CommandIo, 'env'>,
): Promise<OfflineGraph> {
  return toOfflineGraph(await loadConfig(options.config, io), io);
}

/** Loads configuration, graph and policies as serving would, with the same errors. */
export async function loadOffline(options: CommandOptions, io: OfflineIo): Promise<Offline> {
  const { config, source, policies: written } = await loadAll(options.config, io);
  const nowMs = Date.now();
  const compileAt = async (moment: number) => {
    const policies = policiesAt(written, moment);
    const offline = await toOfflineGraph(config, io);
    const snapshot = buildSnapshot(offline.graph, policies, {
      introspection: config.introspection,
      engine: config.engine,
      subjects: subjectsOf(config),
      anonymousAllowed: config.identity.anonymous === 'allow',
    });
    return {
      offline,
      policies,
      snapshot,
      detections: compileDetections(policies, snapshot, config),
    };
  };
  const { offline, policies, snapshot, detections } = await compileAt(nowMs);
  // A rule that will not compile when its shadow mode ends must fail now.
  for (const moment of changesAfter(written, nowMs)) await compileAt(moment);
  return { ...offline, source, policies, shadows: shadowsIn(written), nowMs, snapshot, detections };
}

async function toOfflineGraph(config: Config, io: OfflineIo): Promise<OfflineGraph> {
  const recorder = new RequestRecorder(config);
  const graph = await loadPlacedGraph(config, (upstream) => recorder.transportOf(upstream), io);
  recorder.answerFrom(graph.subgraphs);
  return { config, graph, recorder };
}
