/**
 * The policies of a serving gateway: compiled together with the graph, reloaded when their files
 * change; failures to load are reported in log, audit trail and metrics.
 *
 * Fails closed: invalid files and missing folders leave the old policies in force.
 */
import { createNetwork, type Network } from '../../admit/network-rules.ts';
import type { Config, UpstreamConfig } from '../../config.ts';
import type { PolicyNews } from '../../console/process-state.ts';
import type { Transport } from '../../delegate/upstream.ts';
import { type IndexedDetections, indexDetections } from '../../detect/indexed-detections.ts';
import { describeFault } from '../../errors.ts';
import type { Environment } from '../../files/environment-text.ts';
import {
  createPolicyReloader,
  type PolicyChange,
  type PolicyReloader,
} from '../../files/policy-reloader.ts';
import { readFileVersion } from '../../files/read-file.ts';
import { createDocumentReader } from '../../graph.ts';
import { type TrustedProxies, toTrustedProxies } from '../../identify/trusted-proxies.ts';
import type { RateStore } from '../../rates/store.ts';
import { asksForRegions } from '../../snapshot/check-conditions.ts';
import { limitsAtStart } from '../../snapshot/limits-at-start.ts';
import { loadPolicies, type Policies } from '../../snapshot/load.ts';
import { laidDown, refuseLostFolders } from '../../snapshot/lost-policies.ts';
import { changesAfter, policiesAt } from '../../snapshot/policies-at.ts';
import { digestPolicies } from '../../snapshot/policy-digest.ts';
import { createMoments, type Moment } from '../../snapshot/policy-moments.ts';
import { ofNetwork, shadowsIn, type WrittenShadow } from '../../snapshot/shadows.ts';
import { buildSnapshot, type Snapshot } from '../../snapshot/snapshot.ts';
import { compileDetections } from '../../snapshot/snapshot-detect.ts';
import { createLocate, type Locate } from '../../walk/client-location.ts';
import type { GaugeReading } from '../../watch/telemetry/gauge-readings.ts';
import { loadPlacedGraph } from '../load-graph.ts';
import { subjectsOf } from '../subjects-of.ts';
import { withFrugalHeap } from './frugal-heap.ts';

/** Everything compiled from one set of policies. */
interface Compiled {
  readonly policies: Policies;
  readonly snapshot: Snapshot;
  readonly network: Network;
  readonly proxies: TrustedProxies;
  readonly locate: Locate;
  readonly detections: IndexedDetections;
}

/** One set of policies, with the changes that only time will bring, such as the end of a shadow mode. */
interface Taken {
  readonly current: () => Compiled;
}

export interface ServedPolicies {
  current(): Compiled;
  /** Checks the files now. */
  look(): Promise<void>;
  /** Since when the policies are in force, and why newer ones are not. */
  news(): PolicyNews;
  /** Whether the policies in force are those of the files. */
  readings(): readonly GaugeReading[];
  close(): void;
}

export interface ServedPoliciesOptions {
  readonly config: Config;
  readonly env: Environment;
  readonly log: (line: string) => void;
  readonly store: RateStore;
  readonly maskKey: string;
  /** Returns the same transport per upstream each time: connections outlive policies. */
  readonly transportOf: (upstream: UpstreamConfig) => Transport;
  /** Policy folders that the first process found. */
  readonly foldersBefore?: readonly string[] | undefined;
  readonly changed: (change: PolicyChange) => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Interval of looks at the policy files. */
const policiesEveryMs = 2_000;

/** Throws ConfigError or Error if these policies cannot be served. */
export async function servePolicies(
  policies: Policies,
  options: ServedPoliciesOptions,
): Promise<ServedPolicies> {
  const { config, log } = options;
  const report = (change: PolicyChange): void => {
    log(JSON.stringify(toReport(change)));
    options.changed(change);
  };
  const compile = createCompile(options, report);
  refuseLostFolders(config.policies, options.foldersBefore ?? [], policies.folders);
  let loadedAtMs = Date.now();
  let complaint: PolicyNews['complaint'];
  const reloader: PolicyReloader<Taken> = createPolicyReloader({
    initial: { digest: policies.digest, value: await withFrugalHeap(() => compile(policies)) },
    digest: () => digestPolicies(config.policies),
    load: async () => {
      const before = reloader.current().current().policies;
      const found = await loadPolicies(config.policies);
      refuseLostFolders(config.policies, before.folders, found.folders);
      const value = await withFrugalHeap(() => compile(found));
      const later = limitsAtStart(policies.limits, found.limits);
      return { digest: found.digest, value, notes: [...laidDown(before, found), ...later] };
    },
    retire: ({ current }) => current().network.close(),
    report: (change) => {
      if (change.kind === 'failed') complaint = { atMs: Date.now(), problems: change.problems };
      else complaint = undefined;
      if (change.kind === 'reloaded' && change.to !== change.from) loadedAtMs = Date.now();
      report(change);
    },
    everyMs: policiesEveryMs,
  });
  return {
    current: () => reloader.current().current(),
    look: () => reloader.look(),
    news: () => ({
      digest: reloader.current().current().policies.digest,
      loadedAtMs,
      ...(complaint && { complaint }),
    }),
    readings: () => toReadings(reloader.isStale(), reloader.current().current().network),
    close() {
      reloader.close();
      reloader.current().current().network.close();
    },
  };
}

function createCompile(options: ServedPoliciesOptions, report: (change: PolicyChange) => void) {
  const { config, log, now = Date.now } = options;
  const compileSnapshot = createCompileSnapshot(options);
  return async (written: Policies): Promise<Taken> => {
    const nowMs = now();
    const { digest } = written;
    // Runs within a request, the first after the moment, which must not fail because of the report.
    const tell = (over: readonly WrittenShadow[]): void => {
      const notes = over.map(toNote);
      try {
        report({ kind: 'reloaded', from: digest, to: digest, problems: [], notes });
      } catch (error) {
        log(JSON.stringify({ kind: 'policies', level: 'error', fault: describeFault(error) }));
      }
    };
    const moments = [nowMs, ...changesAfter(written, nowMs)];
    const ready: Omit<Compiled, 'network' | 'proxies' | 'locate'>[] = [];
    for (const moment of moments) {
      const policies = policiesAt(written, moment);
      const snapshot = await compileSnapshot(policies);
      const detections = indexDetections(compileDetections(policies, snapshot, config));
      ready.push({ policies, snapshot, detections });
    }
    const network = await createNetwork(written.network, {
      now,
      readFile: readFileVersion,
      needsRegions: asksForRegions(written),
      over: (ended) => tell(ended.map(ofNetwork)),
      report: (about) => log(JSON.stringify({ ...about, kind: `network-${about.kind}` })),
    });
    const { trustedProxies, header } = written.network;
    const proxies = toTrustedProxies(trustedProxies);
    const locate = createLocate({ proxies, header }, network);
    const all = ready.map((one, index): Moment<Compiled> => {
      return { fromMs: moments[index] ?? nowMs, value: { ...one, network, proxies, locate } };
    });
    const changed = (old: Compiled, next: Compiled): void => tell(overIn(old, next));
    return { current: createMoments(all as [Moment<Compiled>, ...typeof all], { now, changed }) };
  };
}

/** Shadow modes that have ended. */
function overIn({ policies: old }: Compiled, { policies: next }: Compiled): WrittenShadow[] {
  const left = new Set(shadowsIn(next).map(({ kind, name }) => `${kind} ${name}`));
  return shadowsIn(old).filter(
    ({ kind, name }) => kind !== 'network' && !left.has(`${kind} ${name}`),
  );
}

const toNote = ({ kind, name, shadow }: WrittenShadow): string =>
  `${kind} ${name}: in force, its shadow mode ended ${shadow.until}`;

/** A snapshot consumes its graph, so each gets its own, over the same connections. */
function createCompileSnapshot(options: ServedPoliciesOptions) {
  const { config, env, store, maskKey, transportOf } = options;
  const loadDocument = createDocumentReader();
  return async (policies: Policies): Promise<Snapshot> => {
    const graph = await loadPlacedGraph(config, transportOf, { env, loadDocument });
    return buildSnapshot(graph, policies, {
      store,
      introspection: config.introspection,
      engine: config.engine,
      anonymousAllowed: config.identity.anonymous === 'allow',
      maskKey,
      subjects: subjectsOf(config),
    });
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
