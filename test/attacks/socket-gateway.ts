/**
 * A gateway whose upstreams are real HTTP servers on loopback, for attacks in which time, aborts
 * and connections matter: the real transport, deadline and signal of each upstream call.
 */
import { onTestFinished } from 'vitest';
import { createGraphqlExecutor } from '../../gateway/delegate/graphql/graphql-executor.ts';
import { loadGraphqlSubgraph } from '../../gateway/delegate/graphql/graphql-subgraph.ts';
import { composeSchema } from '../../gateway/delegate/stitch/stitch.ts';
import type { Joins } from '../../gateway/delegate/stitch/stitch-config.ts';
import { createTransport } from '../../gateway/delegate/transport/transport.ts';
import type { DelegationContext } from '../../gateway/delegate/upstream.ts';
import { createGateway } from '../../gateway/gateway.ts';
import { createIdentify } from '../../gateway/identify/caller.ts';
import { defaultLimits, type Limits } from '../../gateway/limits/limits.ts';
import type { RequestRecord } from '../../gateway/request.ts';
import type { Answer } from '../../gateway/shape/answer.ts';
import { buildSnapshot } from '../../gateway/snapshot/snapshot.ts';
import { type TestAnswer, toTestRules } from '../support/gateway.ts';
import { locateByPeer } from '../support/locate.ts';
import { type PlayedUpstream, playUpstream } from '../support/served.ts';
import { testEngine } from '../support/test-engine.ts';

type Play = Parameters<typeof playUpstream>[0];

export interface SocketUpstream {
  readonly sdl: string;
  /** Answers one HTTP request; absent: nothing listens on the port. */
  readonly play?: Play;
  /** Of one call. */
  readonly timeoutMs?: number;
}

export interface SocketGateway {
  /** One anonymous query; `signal` is the caller's connection. */
  query(query: string, signal?: AbortSignal): Promise<TestAnswer>;
  /** Makes the gateway stop and wait no longer. */
  stop(): void;
  readonly records: RequestRecord[];
  /** The context of each upstream call, in order. */
  readonly contexts: DelegationContext[];
}

/** Closed with its upstreams when the test ends. */
export async function socketGateway(options: {
  upstreams: Readonly<Record<string, SocketUpstream>>;
  joins?: Joins;
  rules: string;
  limits?: Partial<Limits>;
}): Promise<SocketGateway> {
  const contexts: DelegationContext[] = [];
  const subgraphs = await Promise.all(
    Object.entries(options.upstreams).map(([name, upstream]) => open(name, upstream, contexts)),
  );
  const snapshot = buildSnapshot(
    composeSchema({ subgraphs, joins: options.joins ?? {} }),
    { rules: toTestRules(options.rules), limits: { ...defaultLimits, ...options.limits } },
    { introspection: 'nobody', anonymousAllowed: true, engine: testEngine },
  );
  const records: RequestRecord[] = [];
  const stopping = new AbortController();
  const gateway = createGateway({
    path: '/graphql',
    corsOrigins: [],
    locate: locateByPeer,
    identify: createIdentify({ anonymous: 'allow', now: Date.now }),
    snapshot: () => snapshot,
    now: Date.now,
    observe: (record) => records.push(record),
    stopping: stopping.signal,
  });
  return {
    records,
    contexts,
    stop: () => stopping.abort(),
    query: (query, signal = new AbortController().signal) => ask(gateway, query, signal),
  };
}

async function open(name: string, upstream: SocketUpstream, contexts: DelegationContext[]) {
  const server = await playUpstream(upstream.play ?? (() => undefined));
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= server.close();
    return closed;
  };
  // The port was free a moment ago: a connection to it is refused.
  if (upstream.play === undefined) await close();
  const transport = connect(name, server, upstream.timeoutMs ?? 60_000);
  onTestFinished(async () => {
    await close();
    await transport.close();
  });
  const schema = loadGraphqlSubgraph({ upstream: name, sdl: upstream.sdl });
  const executor = createGraphqlExecutor({
    upstream: name,
    schema,
    send: (request, context) => {
      contexts.push(context);
      return transport.send(request, context);
    },
  });
  return { name, kind: 'graphql' as const, schema, executor };
}

function connect(upstream: string, server: PlayedUpstream, timeoutMs: number) {
  const options = { upstream, url: server.url, timeoutMs, responseBytesMax: 1_000_000 };
  return createTransport(options, { now: Date.now, tick: () => performance.now() });
}

async function ask(
  gateway: ReturnType<typeof createGateway>,
  query: string,
  signal: AbortSignal,
): Promise<TestAnswer> {
  const headers = { 'content-type': 'application/json' };
  const { promise, resolve } = Promise.withResolvers<Answer>();
  await gateway.handle(
    {
      method: 'POST',
      path: '/graphql',
      search: '',
      rawHeaders: Object.entries(headers).flat(),
      headers,
      peer: '127.0.0.1',
      signal,
      body: (async function* () {
        yield new TextEncoder().encode(JSON.stringify({ query }));
      })(),
    },
    async (answer) => {
      resolve(answer);
      return { aborted: signal.aborted };
    },
  );
  const { status, headers: sent, body } = await promise;
  return { status, headers: { ...sent }, text: body, body: JSON.parse(body) };
}
