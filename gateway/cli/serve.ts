/**
 * `fieldgate serve`: everything is loaded and checked first, then the ports are opened; a gateway
 * that starts is whole. Closing drains: no new work, a grace for what runs, then upstream work is
 * cancelled.
 */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import { startAdmin } from '../admin.ts';
import { createInFlight } from '../admit/in-flight.ts';
import { createLoadShedder } from '../admit/load-shedder.ts';
import { createBusyShare } from '../admit/load-shedder-busy.ts';
import { readNetworkFile } from '../admit/network-list-read.ts';
import { createNetwork, type Network } from '../admit/network-rules.ts';
import { asksForRegions } from '../check-conditions.ts';
import type { Config, UpstreamConfig } from '../config.ts';
import { isUrl } from '../config-identity.ts';
import { createBreaker } from '../delegate/breaker.ts';
import { createTransport, type UpstreamTransport } from '../delegate/transport.ts';
import { guardTransport } from '../delegate/upstream-guard.ts';
import type { Environment } from '../environment-text.ts';
import { createGateway } from '../gateway.ts';
import { loadGraph } from '../graph.ts';
import { createIdentify, type Identify } from '../identify/caller.ts';
import { toTrustedProxies } from '../identify/trusted-proxies.ts';
import { createPersistedStore } from '../limits/persisted-store.ts';
import { loadAll, type Policies } from '../load.ts';
import { openStore } from '../open-store.ts';
import { startServer } from '../server.ts';
import type { Answer } from '../shape/answer.ts';
import { buildSnapshot } from '../snapshot.ts';
import { toLogLine } from '../watch/log-line.ts';
import { createLocate } from '../whereabouts.ts';

export interface ServeOptions {
  readonly configFile: string;
  /** GraphiQL on the GraphQL path. */
  readonly dev: boolean;
  readonly env: Environment;
  /** Gets one line at a time, without its end. */
  readonly log: (line: string) => void;
}

export interface ServedGateway {
  /** Of the GraphQL endpoint. */
  readonly url: string;
  readonly adminUrl: string;
  close(): Promise<void>;
}

/** Work in flight has this long to end once the gateway closes. */
const drainMs = 10_000;

/** When half of at least twenty calls of ten seconds fail, an upstream gets five seconds of rest. */
const circuit = {
  failureRatio: 0.5,
  minimumCalls: 20,
  windowMs: 10_000,
  openMs: 5_000,
  halfOpenCalls: 3,
} as const;
/** Calls that wait for one upstream. */
const queueMax = 1_000;
/** How far work may fall behind before new work is shed. */
const lagMaxMs = 200;
/** Callers with anything in flight. */
const callersMax = 50_000;

/** Throws ConfigError, or Error with one clear line, where it cannot start. */
export async function serve(options: ServeOptions): Promise<ServedGateway> {
  const { config, policies } = await loadAll(options.configFile, options);
  await using starting = new AsyncDisposableStack();
  const transports = new Map<string, UpstreamTransport>();
  starting.defer(() => closeAll(transports));
  const graph = await loadGraph(config, (upstream) =>
    openTransport(upstream, transports, options.log),
  );
  const store = openStore(config.store, options.log);
  starting.defer(() => store.close());
  const snapshot = buildSnapshot(graph, policies, {
    store,
    introspection: config.introspection,
    engine: config.engine,
    anonymousAllowed: config.identity.anonymous === 'allow',
  });
  const identify = createIdentifyOf(config, options.log);
  starting.defer(() => identify.close());
  await checkKeys(config, identify, options.log);
  const tls = config.listen.tls && {
    cert: await readFile(config.listen.tls.cert, 'utf8'),
    key: await readFile(config.listen.tls.key, 'utf8'),
  };
  const network = await openNetworkRules(policies, options.log);
  starting.defer(async () => network.close());
  const persisted = createPersistedStore(policies.documents.persistedQueries);
  const stopping = new AbortController();
  let draining = false;
  const gateway = createGateway({
    path: config.listen.path,
    corsOrigins: config.listen.cors?.origins ?? [],
    identify,
    locate: createLocate(
      {
        proxies: toTrustedProxies(policies.network.trustedProxies),
        header: policies.network.header,
      },
      network,
    ),
    snapshot: () => snapshot,
    shedder: createLoadShedder({
      inFlightMax: policies.limits.inFlight,
      lagMaxMs,
      now: () => performance.now(),
      busy: createBusyShare(),
    }),
    inFlight: createInFlight({
      perCallerMax: policies.limits.inFlightPerCaller,
      keysMax: callersMax,
    }),
    ...(persisted && { persisted }),
    now: Date.now,
    observe: (record) => options.log(toLogLine(record)),
    stopping: stopping.signal,
  });
  const aside = options.dev
    ? (request: IncomingMessage) => toPage(request, config.listen.path)
    : undefined;
  const server = await startServer(gateway, { ...config.listen, tls, ...(aside && { aside }) });
  starting.defer(() => server.close(0));
  const admin = await startAdmin(config.admin, { isReady: () => !draining });
  const running = starting.move();
  return {
    url: toUrl(config.listen, server.port) + config.listen.path,
    adminUrl: toUrl({ ...config.admin, tls: undefined }, admin.port),
    async close() {
      draining = true;
      const cancel = setTimeout(() => stopping.abort(new Error('stopping')), drainMs);
      await server.close(drainMs + 1_000);
      clearTimeout(cancel);
      await admin.close();
      await running.disposeAsync();
    },
  };
}

function openTransport(
  upstream: UpstreamConfig,
  into: Map<string, UpstreamTransport>,
  log: (line: string) => void,
) {
  const { name, connections } = upstream;
  const transport = createTransport({ ...upstream, upstream: name }, { now: Date.now });
  into.set(name, transport);
  const breaker = createBreaker({
    ...circuit,
    upstream: name,
    now: () => performance.now(),
    report: (change) => log(JSON.stringify({ kind: 'circuit', ...change })),
  });
  const guard = { inFlightMax: connections, queueMax, now: Date.now };
  return guardTransport(transport.send, breaker, guard).send;
}

async function closeAll(transports: ReadonlyMap<string, UpstreamTransport>): Promise<void> {
  await Promise.all([...transports.values()].map((transport) => transport.close()));
}

function openNetworkRules(policies: Policies, log: (line: string) => void): Promise<Network> {
  return createNetwork(policies.network, {
    now: Date.now,
    readFile: readNetworkFile,
    needsRegions: asksForRegions(policies.rules, policies.rates),
    report: (report) => log(JSON.stringify({ ...report, kind: `network-${report.kind}` })),
  });
}

function createIdentifyOf(config: Config, log: (line: string) => void): Identify {
  const { jwt, anonymous } = config.identity;
  const report = (problem: string): void => log(JSON.stringify({ kind: 'identify', problem }));
  return createIdentify({ jwt, anonymous, now: Date.now }, { report });
}

/** Keys in a file must be there; an issuer that is down may come up later, and is complained of. */
async function checkKeys(
  config: Config,
  identify: Identify,
  log: (line: string) => void,
): Promise<void> {
  try {
    await identify.ready();
  } catch (error) {
    const { jwt } = config.identity;
    if (jwt === undefined || !isUrl(jwt.jwks)) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    log(JSON.stringify({ kind: 'identify', problem }));
  }
}

/** GraphiQL for a browser that navigates to the endpoint; everything else walks. */
function toPage(request: IncomingMessage, path: string): Answer | undefined {
  const wantsPage = request.headers.accept?.includes('text/html') === true;
  if (request.method !== 'GET' || request.url !== path || !wantsPage) return undefined;
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    },
    body: renderGraphiQL({ endpoint: path, title: 'Fieldgate' }),
  };
}

function toUrl(listen: { host: string; tls: unknown }, port: number): string {
  const host = listen.host.includes(':') ? `[${listen.host}]` : listen.host;
  return `${listen.tls === undefined ? 'http' : 'https'}://${host}:${port}`;
}
