/**
 * The policies of a gateway that serves: compiled together with the graph, taken up anew when their
 * files change, and told of in log, audit trail and metrics where they are not.
 *
 * Fails closed: files that do not fit, and folders that are gone, leave the old policies in force.
 */
import { createNetwork, type Network } from '../../admit/network-rules.ts';
import type { Config, UpstreamConfig } from '../../config.ts';
import type { PolicyNews } from '../../console/process-state.ts';
import type { Transport } from '../../delegate/upstream.ts';
import { type IndexedDetections, indexDetections } from '../../detect/indexed-detections.ts';
import type { Environment } from '../../files/environment-text.ts';
import {
  createPolicyReloader,
  type PolicyChange,
  type PolicyReloader,
} from '../../files/policy-reloader.ts';
import { readFileVersion } from '../../files/read-file.ts';
import { createDocumentReader } from '../../graph.ts';
import { toTrustedProxies } from '../../identify/trusted-proxies.ts';
import type { RateStore } from '../../rates/store.ts';
import { asksForRegions } from '../../snapshot/check-conditions.ts';
import { limitsAtStart } from '../../snapshot/limits-at-start.ts';
import { loadPolicies, type Policies } from '../../snapshot/load.ts';
import { laidDown, refuseLostFolders } from '../../snapshot/lost-policies.ts';
import { digestPolicies } from '../../snapshot/policy-digest.ts';
import { buildSnapshot, type Snapshot } from '../../snapshot/snapshot.ts';
import { compileDetections } from '../../snapshot/snapshot-detect.ts';
import type { GaugeReading } from '../../watch/telemetry/gauge-readings.ts';
import { createLocate, type Locate } from '../../whereabouts.ts';
import { loadPlacedGraph } from '../load-graph.ts';
import { subjectsOf } from '../subjects-of.ts';
import { withFrugalHeap } from './frugal-heap.ts';

/** What one set of policies makes of the gateway. */
interface Compiled {
  readonly policies: Policies;
  readonly snapshot: Snapshot;
  readonly network: Network;
  readonly locate: Locate;
  readonly detections: IndexedDetections;
}

export interface ServedPolicies {
  current(): Compiled;
  /** Looks at the files now. */
  look(): Promise<void>;
  /** Since when they are in force, and why newer ones are not. */
  news(): PolicyNews;
  /** Whether what stands in the files is what is in force. */
  readings(): readonly GaugeReading[];
  close(): void;
}

export interface ServedPoliciesOptions {
  readonly config: Config;
  readonly env: Environment;
  readonly log: (line: string) => void;
  readonly store: RateStore;
  readonly maskKey: string;
  /** The same for an upstream each time: connections outlive policies. */
  readonly transportOf: (upstream: UpstreamConfig) => Transport;
  /** Folders that the process which started this one found. */
  readonly foldersBefore?: readonly string[] | undefined;
  readonly changed: (change: PolicyChange) => void;
}

/** How often the policy files are looked at. */
const policiesEveryMs = 2_000;

/** Throws ConfigError, or Error, where these policies cannot be served. */
export async function servePolicies(
  policies: Policies,
  options: ServedPoliciesOptions,
): Promise<ServedPolicies> {
  const { config, log } = options;
  const compile = createCompile(options);
  refuseLostFolders(config.policies, options.foldersBefore ?? [], policies.folders);
  let loadedAtMs = Date.now();
  let complaint: PolicyNews['complaint'];
  const reloader: PolicyReloader<Compiled> = createPolicyReloader({
    initial: { digest: policies.digest, value: await withFrugalHeap(() => compile(policies)) },
    digest: () => digestPolicies(config.policies),
    load: async () => {
      const before = reloader.current().policies;
      const found = await loadPolicies(config.policies);
      refuseLostFolders(config.policies, before.folders, found.folders);
      const value = await withFrugalHeap(() => compile(found));
      const later = limitsAtStart(policies.limits, found.limits);
      return { digest: found.digest, value, notes: [...laidDown(before, found), ...later] };
    },
    retire: ({ network }) => network.close(),
    report: (change) => {
      if (change.kind === 'failed') complaint = { atMs: Date.now(), problems: change.problems };
      else complaint = undefined;
      if (change.kind === 'reloaded' && change.to !== change.from) loadedAtMs = Date.now();
      log(JSON.stringify(toReport(change)));
      options.changed(change);
    },
    everyMs: policiesEveryMs,
  });
  return {
    current: () => reloader.current(),
    look: () => reloader.look(),
    news: () => ({
      digest: reloader.current().policies.digest,
      loadedAtMs,
      ...(complaint && { complaint }),
    }),
    readings: () => toReadings(reloader.isStale(), reloader.current().network),
    close() {
      reloader.close();
      reloader.current().network.close();
    },
  };
}

/** A snapshot uses its graph up: each gets its own, over the same connections. */
function createCompile(options: ServedPoliciesOptions) {
  const { config, env, log, store, maskKey, transportOf } = options;
  const loadDocument = createDocumentReader();
  return async (policies: Policies): Promise<Compiled> => {
    const graph = await loadPlacedGraph(config, transportOf, { env, loadDocument });
    const snapshot = buildSnapshot(graph, policies, {
      store,
      introspection: config.introspection,
      engine: config.engine,
      anonymousAllowed: config.identity.anonymous === 'allow',
      maskKey,
      subjects: subjectsOf(config),
    });
    const detections = indexDetections(compileDetections(policies, snapshot, config));
    const network = await createNetwork(policies.network, {
      now: Date.now,
      readFile: readFileVersion,
      needsRegions: asksForRegions(policies.rules, policies.rates),
      report: (report) => log(JSON.stringify({ ...report, kind: `network-${report.kind}` })),
    });
    const { trustedProxies, header } = policies.network;
    const locate = createLocate({ proxies: toTrustedProxies(trustedProxies), header }, network);
    return { policies, snapshot, network, locate, detections };
  };
}

function toReport({ kind, notes, ...change }: PolicyChange): object {
  if (kind === 'failed') {
    const note = 'the old policies stay in force';
    return { kind: 'policy-reload-failed', level: 'error', note, ...change };
  }
  const isLess = notes !== undefined && notes.length > 0;
  return { kind: 'policy-reloaded', ...(isLess && { level: 'warning', notes }), ...change };
}

function toReadings(isStale: boolean, network: Network): GaugeReading[] {
  return [
    {
      name: 'gateway.policy.stale',
      description: '1 while the policy files cannot be taken up and older ones are in force.',
      unit: '1',
      value: isStale ? 1 : 0,
    },
    ...network.status().map((list) => ({
      name: 'gateway.network.stale',
      description: '1 while the file of a list, or the database of countries, is bad or gone.',
      unit: '1',
      value: list.isStale ? 1 : 0,
      attributes: { list: list.name },
    })),
  ];
}
