/**
 * `fieldgate serve`: loads and checks everything first, then opens the ports, so that a gateway
 * that starts is complete. Closing drains: accepts no new work, gives running work a grace period,
 * then cancels upstream work.
 */

import { createInFlight } from '../admit/in-flight.ts';
import { createLoadShedder } from '../admit/load-shedder.ts';
import { createLoopWatch } from '../admit/load-shedder-loop.ts';
import { createOwnHosts } from '../admit/own-host.ts';
import { asksForHash, randomMaskKey } from '../authorize/mask-hash.ts';
import type { Config } from '../config.ts';
import type { ReadBounds } from '../console/decision-ring.ts';
import { createProcessState } from '../console/process-state.ts';
import { readListenTls } from '../delegate/transport/read-tls.ts';
import type { Environment } from '../files/environment-text.ts';
import { createGateway } from '../gateway.ts';
import { type ConnectionRoom, readConnectionRoom } from '../http/connection-room.ts';
import { createPortFailures } from '../http/port-failures.ts';
import { startServer } from '../http/server.ts';
import { createIdentify, type Identify } from '../identify/caller.ts';
import type { Replays } from '../identify/replay-store.ts';
import { isProxy } from '../identify/trusted-proxies.ts';
import { createPersistedStores } from '../limits/persisted-store.ts';
import { openStore } from '../open-store.ts';
import { loadAll } from '../snapshot/load.ts';
import { createBatching } from '../walk/batch.ts';
import { sampleByRatio } from '../walk/trace-context.ts';
import { createRequestLog } from '../watch/request-log.ts';
import type { WorkerMeans } from '../workers/worker-means.ts';
import { opened } from './at-line.ts';
import { serveAdmin } from './serve/serve-admin.ts';
import { serveAudit } from './serve/serve-audit.ts';
import { renewCertificates, tellEnding } from './serve/serve-certificates.ts';
import { boundsFor, ownersIn, toStateText, wantsConsole } from './serve/serve-console.ts';
import { serveDetections } from './serve/serve-detect.ts';
import { serveGraphiql } from './serve/serve-graphiql.ts';
import { servePolicies } from './serve/serve-policies.ts';
import { openTelemetry } from './serve/serve-telemetry.ts';
import { serveUpstreams } from './serve/serve-upstreams.ts';
import { toAdminUrl, toConsoleUrl, toUrl } from './serve/serve-urls.ts';
import { watchWith } from './serve/serve-watchers.ts';

export interface ServeOptions {
  readonly configFile: string;
  /** Serves GraphiQL on the GraphQL path. */
  readonly dev: boolean;
  readonly env: Environment;
  /** Receives one line at a time, without line end. */
  readonly log: (line: string) => void;
  /** What the processes of `--workers` share; the first process then owns the admin port. */
  readonly worker?: WorkerMeans | undefined;
  /** Resident memory of the process. */
  readonly rssBytes?: (() => number) | undefined;
  /** Awaited when all is ready but the port; if it rejects, everything is closed again. */
  readonly mayListen?: () => Promise<void>;
}

export interface ServedGateway {
  /** URL of the GraphQL endpoint. */
  readonly url: string;
  readonly adminUrl: string;
  /** Undefined if there is no console here. */
  readonly consoleUrl: string | undefined;
  metricsText(): Promise<string>;
  /** This process's state for the console, as JSON; undefined if there is no console. */
  consoleText(after: string, bounds: ReadBounds): string | undefined;
  /** Reloads the policies and the certificates now. */
  reload(): Promise<void>;
  /** Closes idle connections at once, or lets them carry a last request for `idleMs`. */
  close(idleMs?: number): Promise<void>;
}

/** Time for work in flight to end when the gateway closes. */
const drainMs = 10_000;

/** Event-loop lag above which new work is shed. */
const lagMaxMs = 1_000;
/** Most callers with requests in flight. */
export const callersMax = 50_000;

const keyWarning =
  'the mask `hash` is keyed at random: hashes change with each start and differ between instances; set masks.key';

/** Throws ConfigError, or Error with a one-line message, if it cannot start. */
export async function serve(options: ServeOptions): Promise<ServedGateway> {
  const { config, policies } = await loadAll(options.configFile, options);
  const { worker } = options;
  await using starting = new AsyncDisposableStack();
  const upstreams = serveUpstreams(options.log);
  starting.defer(() => upstreams.close());
  const store = openStore(config.store, options.log, worker);
  starting.defer(() => store.close());
  const maskKey = config.masks.key ?? worker?.maskKey ?? randomMaskKey();
  if (config.masks.key === undefined && asksForHash(policies.rules)) {
    options.log(JSON.stringify({ kind: 'masks', level: 'warning', problem: keyWarning }));
  }
  const audit = await serveAudit(config, { ...options, slot: worker?.slot });
  if (audit !== undefined) starting.defer(() => audit.close());
  const identify = createIdentifyOf(config, options.log, worker?.replays(config.identity.dpop));
  starting.defer(() => identify.close());
  await identify.ready();
  const tls = config.listen.tls && readListenTls(config.listen.tls);
  tellEnding(config, options.log);
  const served = await servePolicies(policies, {
    ...{ config, env: options.env, log: options.log, store, maskKey },
    transportOf: upstreams.transportOf,
    foldersBefore: worker?.policyFolders,
    changed: (change) => audit?.policyChanged(change),
  });
  starting.defer(async () => served.close());
  const persistedUnder = createPersistedStores();
  const requestLog = createRequestLog({ log: options.log, now: Date.now });
  starting.defer(async () => requestLog.close());
  const stopping = new AbortController();
  let draining = false;
  const shedder = createLoadShedder({
    inFlightMax: worker?.shareOf(policies.limits.inFlight) ?? policies.limits.inFlight,
    lagMaxMs,
    now: () => performance.now(),
    loop: createLoopWatch(),
  });
  let heldBack = (): number => 0;
  const detections = serveDetections(config, {
    detections: () => served.current().detections,
    log: options.log,
    record: audit?.detected,
    worker,
  });
  starting.defer(() => detections.close());
  const telemetry = await openTelemetry(config, {
    load: shedder.state,
    heldBack: () => heldBack(),
    upstreams: upstreams.states,
    policyDigest: () => served.current().snapshot.policyDigest,
    more: () => [...served.readings(), ...(audit?.readings() ?? []), ...detections.readings()],
  });
  starting.defer(() => telemetry.close());
  const shown = wantsConsole(config)
    ? createProcessState({
        slot: worker?.slot,
        readings: telemetry.readings,
        policy: served.news,
        owners: ownersIn(config),
        rssBytes: options.rssBytes,
        recentAlerts: detections.recent,
        now: Date.now,
      })
    : undefined;
  const room = await readConnectionRoom();
  if (room.files !== undefined) options.log(JSON.stringify(toRoomLine(room)));
  const { path, hosts } = config.listen;
  const isOwnHost = hosts && createOwnHosts(hosts);
  const gateway = createGateway({
    path,
    isOwnHost,
    corsOrigins: config.listen.cors?.origins ?? [],
    identify,
    locate: (inbound) => served.current().locate(inbound),
    snapshot: () => served.current().snapshot,
    shedder,
    inFlight: (worker?.inFlight ?? createInFlight)({
      perCallerMax: policies.limits.inFlightPerCaller,
      keysMax: callersMax,
    }),
    get persisted() {
      return persistedUnder(served.current().policies.documents.persistedQueries);
    },
    now: Date.now,
    isSampled: sampleByRatio(config.telemetry.sampleRatio),
    ...watchWith({ audit, requestLog, detections, telemetry, shown }),
    stopping: stopping.signal,
  });
  const aside = options.dev ? serveGraphiql({ path, isOwnHost }) : undefined;
  const batching = createBatching(gateway, { operationsMax: config.batch.max });
  await options.mayListen?.();
  const server = await opened('listen', { config, env: options.env }, () =>
    startServer(batching, {
      ...config.listen,
      tls,
      connectionsMax: room.connections,
      isProxy: (address) => isProxy(address, served.current().proxies),
      room: shedder.spare,
      failed: createPortFailures('listen', {
        log: options.log,
        clock: () => performance.now(),
      }),
      ...(aside && { aside }),
    }),
  );
  starting.defer(() => server.close(0));
  heldBack = server.heldBack;
  const consoleText = (after: string, bounds: ReadBounds) => shown?.text(after, bounds);
  const admin =
    worker === undefined
      ? await serveAdmin(config, {
          env: options.env,
          log: options.log,
          isReady: () => !draining,
          metricsText: telemetry.metricsText,
          consoleState: async (after) =>
            toStateText([consoleText(after, boundsFor(1))], { isReady: !draining }),
        })
      : undefined;
  const running = starting.move();
  return {
    url: toUrl(config.listen, server.port) + config.listen.path,
    adminUrl: admin === undefined ? '' : toAdminUrl(config, admin.port),
    consoleUrl: admin && toConsoleUrl(config, admin.port),
    metricsText: telemetry.metricsText,
    consoleText,
    reload() {
      renewCertificates(config, { log: options.log, server, upstreams });
      return served.look();
    },
    async close(idleMs = 0) {
      draining = true;
      const cancel = setTimeout(() => stopping.abort(new Error('stopping')), drainMs);
      await server.close(drainMs + 1_000, idleMs);
      // Requests whose client has hung up have no connection any more, but no record yet either.
      await gateway.ended();
      clearTimeout(cancel);
      await admin?.close();
      await running.disposeAsync();
    },
  };
}

const toRoomLine = ({ connections, files }: ConnectionRoom): object => ({
  kind: 'connections',
  level: 'warning',
  problem: `${connections} connections at most: the process may have ${files} files open`,
});

function createIdentifyOf(
  config: Config,
  log: (line: string) => void,
  replays: Replays | undefined,
): Identify {
  return createIdentify(
    { ...config.identity, now: Date.now },
    {
      report: (problem) => log(JSON.stringify({ kind: 'identify', level: 'error', problem })),
      reportFile: (report) => log(JSON.stringify({ ...report, kind: `identify-${report.kind}` })),
      ...(replays && { replays }),
    },
  );
}
