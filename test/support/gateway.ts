/**
 * A whole gateway in memory over upstreams that a test plays: real tokens, real policies, the real
 * walk; only sockets are left out. Fetch in, answer out.
 */

import type { GraphQLSchema } from 'graphql';
import { toRules } from '../../gateway/authorize/access/access-file.ts';
import type { AuthorizeOptions } from '../../gateway/authorize/authorize.ts';
import type { SubjectFields } from '../../gateway/authorize/operation/plan-subject.ts';
import {
  createGraphqlExecutor,
  toGraphqlDirect,
} from '../../gateway/delegate/graphql/graphql-executor.ts';
import { loadGraphqlSubgraph } from '../../gateway/delegate/graphql/graphql-subgraph.ts';
import { createRestUpstream } from '../../gateway/delegate/openapi/call/rest-executor.ts';
import type { SelectWanted } from '../../gateway/delegate/openapi/call/select-fields.ts';
import type { ApiDocument } from '../../gateway/delegate/openapi/document/api-document.ts';
import type { OperationsWanted } from '../../gateway/delegate/openapi/document/choose-operations.ts';
import { translateOpenApi } from '../../gateway/delegate/openapi/translate-openapi.ts';
import { composeSchema } from '../../gateway/delegate/stitch/stitch.ts';
import type { Joins, Links } from '../../gateway/delegate/stitch/stitch-config.ts';
import type { Transport, UpstreamRequest } from '../../gateway/delegate/upstream.ts';
import { parseYaml } from '../../gateway/files/yaml-source.ts';
import { createGateway } from '../../gateway/gateway.ts';
import type { Gateway, GatewayOptions, Inbound } from '../../gateway/gateway-options.ts';
import { createIdentify } from '../../gateway/identify/caller.ts';
import type { DocumentPolicy } from '../../gateway/limits/document-policy.ts';
import { defaultLimits, type Limits } from '../../gateway/limits/limits.ts';
import { toRates } from '../../gateway/rates/rates-file.ts';
import type { RateStore } from '../../gateway/rates/store.ts';
import { type RequestRecord, recordUpstreamCall } from '../../gateway/request.ts';
import type { Answer } from '../../gateway/shape/answer.ts';
import { buildSnapshot } from '../../gateway/snapshot/snapshot.ts';
import { createBatching } from '../../gateway/walk/batch.ts';
import type { Locate } from '../../gateway/walk/client-location.ts';
import { locateByPeer } from './locate.ts';
import { testEngine } from './test-engine.ts';
import { audience, issuer, type TestCaller, testKeys, tokenOf } from './tokens.ts';

export type { TestCaller } from './tokens.ts';

export interface TestUpstream {
  sdl: string;
  /** What its type names begin with in the graph; as on the wire unless told. */
  prefix?: string;
  /** The body of the upstream's answer to one GraphQL request. */
  answer: (request: { query: string; variables: Record<string, unknown> }) => unknown;
}

export interface TestRestUpstream {
  document: ApiDocument;
  operations: OperationsWanted;
  select?: SelectWanted;
  answer: (request: UpstreamRequest) => { status: number; body: string };
}

export interface TestError {
  message: string;
  path?: (string | number)[];
  extensions: { code: string; coordinate?: string; [key: string]: unknown };
}

export interface TestAnswer {
  status: number;
  headers: Record<string, string>;
  text: string;
  body: {
    data?: Record<string, unknown> | null;
    errors?: TestError[];
    extensions?: Record<string, unknown>;
  };
}

export interface QueryOptions {
  as?: TestCaller;
  variables?: Record<string, unknown>;
  operationName?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Address of the socket; 127.0.0.1 unless told. */
  peer?: string;
}

export interface TestGatewayOptions {
  upstreams: Record<string, TestUpstream>;
  rest?: Record<string, TestRestUpstream>;
  joins?: Joins;
  links?: Links;
  /** Text of one policies/access file. */
  rules: string;
  /** Text of one policies/rates file. */
  rates?: string;
  /** Where rates are counted; a store of this gateway alone unless told. */
  store?: RateStore;
  anonymous?: 'allow' | 'refuse';
  introspection?: 'everyone' | 'authenticated' | 'nobody';
  limits?: Partial<Limits>;
  /** Whose data objects are. */
  subjects?: SubjectFields;
  /** Where callers are; their sockets' peers, all welcome, unless told. */
  locate?: Locate;
  /** Documents that may run. */
  documents?: DocumentPolicy;
  /** Writes the audit event, or refuses. */
  seal?: NonNullable<GatewayOptions['seal']>;
  /** Default: TEST_ENGINE, else the compiled one. */
  engine?: 'compiled' | 'reference';
  /** Keeps documents by hash. */
  persisted?: NonNullable<GatewayOptions['persisted']>;
  /** Of the mask `hash`; one of this gateway alone unless told. */
  maskKey?: string;
  /** Takes the first lock out. */
  decide?: AuthorizeOptions['decide'];
  /** Operations that one request may hold as a list; none unless told. */
  batch?: number;
  /** The clock; the machine's unless told. */
  now?: () => number;
  /** Bounds what one caller has in flight. */
  inFlight?: GatewayOptions['inFlight'];
}

export interface TestGateway {
  query(query: string, options?: QueryOptions): Promise<TestAnswer>;
  /** Any request, as the socket would give it. */
  send(inbound: Partial<Inbound>): Promise<TestAnswer>;
  tokenOf(caller: TestCaller): Promise<string>;
  /** Everything that upstreams received; of REST the method and path as `query`. */
  requests: { upstream: string; query: string; variables: Record<string, unknown> }[];
  records: RequestRecord[];
  publicSchema: GraphQLSchema;
  /** What requests that come from now on are decided by: text of one policies/access file. */
  reload(rules: string): void;
  close(): Promise<void>;
}

export async function testGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const requests: TestGateway['requests'] = [];
  const graphqlSubgraphs = Object.entries(options.upstreams).map(([name, upstream]) => {
    const { sdl, prefix } = upstream;
    const schema = loadGraphqlSubgraph({ upstream: name, sdl, prefix });
    const send = toTransport(name, upstream, requests);
    const about = { upstream: name, schema, send, prefix };
    const executor = createGraphqlExecutor(about);
    const direct = toGraphqlDirect(about);
    return { name, kind: 'graphql' as const, schema, executor, direct };
  });
  const restSubgraphs = Object.entries(options.rest ?? {}).map(([name, upstream]) => {
    const translated = translateOpenApi({ ...upstream, upstream: name });
    const send = toRestTransport(name, upstream, requests);
    const { executor, direct } = createRestUpstream({ ...translated, upstream: name, send });
    return { name, kind: 'openapi' as const, schema: translated.schema, executor, direct };
  });
  const anonymous = options.anonymous ?? 'allow';
  // A graph is used up by its snapshot.
  const build = (rules: string) =>
    buildSnapshot(
      composeSchema({
        subgraphs: [...graphqlSubgraphs, ...restSubgraphs],
        joins: options.joins ?? {},
        links: options.links ?? {},
      }),
      {
        rules: toTestRules(rules),
        limits: { ...defaultLimits, ...options.limits },
        ...(options.documents && { documents: options.documents }),
        ...(options.rates === undefined ? {} : { rates: toTestRates(options.rates) }),
      },
      {
        ...(options.store && { store: options.store }),
        introspection: options.introspection ?? 'everyone',
        engine: options.engine ?? testEngine,
        anonymousAllowed: anonymous === 'allow',
        ...(options.subjects && { subjects: options.subjects }),
        ...(options.maskKey === undefined ? {} : { maskKey: options.maskKey }),
        ...(options.decide === undefined ? {} : { decide: options.decide }),
      },
    );
  let snapshot = build(options.rules);
  const keys = await testKeys();
  const identify = createIdentify(
    {
      anonymous,
      now: options.now ?? Date.now,
      jwt: [
        {
          issuer,
          audience,
          jwks: 'keys.json',
          algorithms: ['ES256'],
          scopes: 'scope',
          roles: 'roles',
          client: 'azp',
          leewayMs: 5_000,
        },
      ],
    },
    { fetchKeys: async () => keys.text },
  );
  const records: RequestRecord[] = [];
  const walk = createGateway({
    path: '/graphql',
    corsOrigins: [],
    locate: options.locate ?? locateByPeer,
    identify,
    snapshot: () => snapshot,
    now: options.now ?? Date.now,
    observe: (record) => records.push(record),
    ...(options.seal && { seal: options.seal }),
    ...(options.persisted && { persisted: options.persisted }),
    stopping: new AbortController().signal,
    ...(options.inFlight && { inFlight: options.inFlight }),
  });
  const gateway = createBatching(walk, { operationsMax: options.batch ?? 0 });
  return {
    requests,
    records,
    publicSchema: snapshot.public.schema,
    tokenOf,
    reload(rules) {
      snapshot = build(rules);
    },
    send: (inbound) => sendTo(gateway, inbound),
    async query(query, about = {}) {
      const headers = await toHeaders(about);
      const { variables, operationName, signal, peer } = about;
      const body = JSON.stringify({ query, variables, operationName });
      const where = { ...(signal && { signal }), ...(peer !== undefined && { peer }) };
      return sendTo(gateway, { headers, body: chunks(body), ...where });
    },
    close: () => identify.close(),
  };
}

export function toTestRules(text: string) {
  return toRules(parseYaml(text, { file: 'access/test.yaml' }));
}

function toTestRates(text: string) {
  return toRates(parseYaml(text, { file: 'rates/test.yaml' }));
}

function toTransport(
  upstream: string,
  played: TestUpstream,
  requests: TestGateway['requests'],
): Transport {
  return async (request, context) => {
    const { query, variables = {} } = JSON.parse(request.body ?? '{}');
    requests.push({ upstream, query, variables });
    const body = JSON.stringify(await played.answer({ query, variables }));
    const { label: operation } = request;
    recordUpstreamCall(context.record, {
      upstream,
      operation,
      status: 200,
      durationMs: 0,
      responseBytes: body.length,
    });
    return { status: 200, contentType: 'application/json', body };
  };
}

function toRestTransport(
  upstream: string,
  played: TestRestUpstream,
  requests: TestGateway['requests'],
): Transport {
  return async (request, context) => {
    const { method, path, label: operation } = request;
    requests.push({ upstream, query: `${method} ${path}`, variables: {} });
    const { status, body } = played.answer(request);
    const responseBytes = body.length;
    recordUpstreamCall(context.record, {
      upstream,
      operation,
      status,
      durationMs: 0,
      responseBytes,
    });
    return { status, contentType: 'application/json', body };
  };
}

async function toHeaders(about: QueryOptions): Promise<Record<string, string>> {
  return {
    'content-type': 'application/json',
    ...(about.as === undefined ? {} : { authorization: `Bearer ${await tokenOf(about.as)}` }),
    ...about.headers,
  };
}

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

async function sendTo(gateway: Gateway, given: Partial<Inbound>): Promise<TestAnswer> {
  const headers = given.headers ?? {};
  let sent: Answer | undefined;
  await gateway.handle(
    {
      method: 'POST',
      path: '/graphql',
      search: '',
      rawHeaders: Object.entries(headers).flat(),
      headers,
      peer: '127.0.0.1',
      body: chunks(''),
      signal: new AbortController().signal,
      ...given,
    },
    async (answer) => {
      sent = answer;
      return { aborted: false };
    },
  );
  if (sent === undefined) throw new Error('the gateway sent no answer');
  const body = sent.body === '' ? {} : JSON.parse(sent.body);
  return { status: sent.status, headers: { ...sent.headers }, text: sent.body, body };
}
