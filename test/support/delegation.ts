/**
 * What tests of delegation share: a context as the spine makes it, real HTTP upstreams on
 * loopback, and transports that answer from a function and keep what was sent.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  graphql,
  parse,
} from 'graphql';
import type {
  DelegationContext,
  Transport,
  UpstreamRequest,
} from '../../gateway/delegate/upstream.ts';
import { UpstreamFailure } from '../../gateway/errors.ts';
import type { Caller, RequestRecord } from '../../gateway/request.ts';

export function newRecord(caller?: Caller): RequestRecord {
  return {
    id: 'request-1',
    startedAtMs: Date.now(),
    trace: {
      traceId: 'c'.repeat(32),
      spanId: 'd'.repeat(16),
      parentSpanId: undefined,
      sampled: true,
    },
    peer: '127.0.0.1',
    stage: 'delegate',
    clientAddress: undefined,
    network: '192.0.2.1',
    country: undefined,
    networks: [],
    cost: undefined,
    charges: [],
    localRates: false,
    method: 'POST',
    caller,
    operation: undefined,
    verdicts: undefined,
    policyDigest: undefined,
    denials: [],
    delivered: [],
    tally: undefined,
    classified: [],
    engine: undefined,
    upstreamCalls: [],
    upstreamCallCount: 0,
    upstreamFailures: 0,
    refusal: undefined,
    faults: [],
    status: 0,
    responseBytes: 0,
    aborted: false,
    durationMs: 0,
  };
}

export function newContext(about: Partial<DelegationContext> = {}): DelegationContext {
  return {
    record: newRecord(),
    signal: new AbortController().signal,
    deadlineMs: Date.now() + 60_000,
    inboundHeaders: {},
    ...about,
  };
}

export function newCaller(claims: Record<string, unknown>, subject = 'caller-1'): Caller {
  return {
    kind: 'token',
    issuer: 'https://idp.example.com',
    subject,
    client: undefined,
    scopes: new Set(),
    roles: new Set(),
    claims: Object.freeze(Object.assign(Object.create(null), claims)),
    expiresAt: undefined,
    credentialHash: 'hash',
  };
}

export interface HttpUpstream {
  readonly url: string;
  readonly requests: IncomingMessage[];
  close(): Promise<void>;
}

/** A real server on a free loopback port; `close` cuts what is still open. */
export async function startHttp(
  answer: (request: IncomingMessage, response: ServerResponse, body: string) => void,
): Promise<HttpUpstream> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, response, Buffer.concat(chunks).toString('utf8')));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface Sent extends UpstreamRequest {
  readonly context: DelegationContext;
}

/** A transport that answers each GraphQL request from a function, and what was sent through it. */
export function answering(
  answer: (query: string, variables: Record<string, unknown>, sent: Sent) => unknown,
): { send: Transport; sent: Sent[]; queries: string[] } {
  const sent: Sent[] = [];
  const queries: string[] = [];
  const send: Transport = async (request, context) => {
    const kept = { ...request, context };
    sent.push(kept);
    const { query, variables } = JSON.parse(request.body ?? '{}');
    queries.push(query);
    const body = JSON.stringify(await answer(query, variables, kept));
    return { status: 200, contentType: 'application/json', body };
  };
  return { send, sent, queries };
}

/** A transport behind which a schema with resolvers is really executed. */
export function servedBy(schema: GraphQLSchema, rootValue: object): ReturnType<typeof answering> {
  return answering((source, variableValues) =>
    graphql({ schema, source, rootValue, variableValues }),
  );
}

export async function run(
  schema: GraphQLSchema,
  source: string | DocumentNode,
  about: {
    context?: DelegationContext;
    variables?: Record<string, unknown>;
    rootValue?: object;
  } = {},
): Promise<ExecutionResult> {
  return execute({
    schema,
    document: typeof source === 'string' ? parse(source) : source,
    contextValue: about.context ?? newContext(),
    variableValues: about.variables ?? {},
    rootValue: about.rootValue,
  });
}

/** Data as plain JSON, and each error as its path and the failure behind it. */
export function seen(result: ExecutionResult): { data: unknown; errors: string[] } {
  return {
    data: JSON.parse(JSON.stringify(result.data ?? null)),
    errors: (result.errors ?? [])
      .map((error) => `${error.path?.join('.')}: ${whyOf(error)}`)
      .sort(),
  };
}

function whyOf(error: Error): string {
  let cause: unknown = error;
  while (cause instanceof Error && !(cause instanceof UpstreamFailure)) {
    cause = (cause as GraphQLError).originalError ?? cause.cause;
  }
  return cause instanceof UpstreamFailure ? cause.why : `not an upstream's: ${error.message}`;
}
