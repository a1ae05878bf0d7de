/**
 * The spans of one request, made from its closed record: the server's span, the policy decision,
 * and one client span per upstream call, with the ids that were sent on the wire.
 *
 * All that spans may contain is listed here: words of closed lists, names of the schema, the
 * policies and the configuration, numbers, and keyed hashes. No text of a caller or an upstream: no
 * path, header, operation name of the caller's, variable, literal, value or message.
 */
import { type Attributes, SpanKind } from '@opentelemetry/api';
import type { RequestRecord, UpstreamCall } from '../../request.ts';
import { toCallErrorType, toErrorType, toOutcome } from './outcome.ts';
import type { SpanFacts } from './recorded-span.ts';
import { type Surroundings, toCallNames, toMethod, toRoute } from './surroundings.ts';
import { truncateAddress } from './truncate-address.ts';
import type { ToUserHash } from './user-hash.ts';

export interface SpanTreeOptions extends Surroundings {
  readonly toUserHash: ToUserHash;
  /** Makes 16 lower-case hex digits for spans that have no id on the wire. */
  readonly newSpanId: () => string;
}

/** Coordinates that one span lists; `gateway.fields.*` has their number. */
const coordinatesMax = 20;

/** Parents come before their children. */
export function toSpans(record: RequestRecord, options: SpanTreeOptions): SpanFacts[] {
  const spans = [serverSpan(record, options)];
  if (record.policy !== undefined) spans.push(policySpan(record, record.policy, options));
  for (const call of record.upstreamCalls) spans.push(clientSpan(record, call, options));
  return spans;
}

function serverSpan(record: RequestRecord, options: SpanTreeOptions): SpanFacts {
  const { trace, startedAtMs } = record;
  const method = toMethod(record.method);
  const route = toRoute(record, options);
  const errorType = toErrorType(record);
  const attributes: Attributes = {
    'http.request.method': method,
    'url.scheme': options.scheme,
    'http.response.status_code': record.status,
    'http.response.body.size': record.responseBytes,
    'gateway.request.id': record.id,
    'gateway.decision': toOutcome(record),
  };
  if (route !== '') {
    attributes['http.route'] = route;
    attributes['url.path'] = route;
  }
  if (errorType !== '') attributes['error.type'] = errorType;
  addCaller(attributes, record, options.toUserHash);
  addOperation(attributes, record);
  if (record.refusal !== undefined) attributes['gateway.refusal.reason'] = record.refusal.reason;
  if (record.aborted) attributes['gateway.aborted'] = true;
  if (record.localRates) attributes['gateway.rates.local'] = true;
  if (record.shadows !== undefined) {
    attributes['gateway.shadow.rules'] = [...new Set(record.shadows.map(({ rule }) => rule))];
  }
  if (record.faults.length > 0) attributes['gateway.faults'] = record.faults.length;
  const hidden = record.upstreamCallCount - record.upstreamCalls.length;
  if (hidden > 0) attributes['gateway.upstream.unlisted'] = hidden;
  return {
    name: route === '' ? method : `${method} ${route}`,
    kind: SpanKind.SERVER,
    traceId: trace.traceId,
    spanId: trace.spanId,
    parentSpanId: trace.parentSpanId,
    isParentRemote: true,
    startMs: startedAtMs,
    endMs: startedAtMs + record.durationMs,
    isError: errorType !== '',
    attributes,
  };
}

function addCaller(attributes: Attributes, record: RequestRecord, toUserHash: ToUserHash): void {
  const { clientAddress, country, caller } = record;
  const address = clientAddress === undefined ? undefined : truncateAddress(clientAddress);
  if (address !== undefined) attributes['client.address'] = address;
  if (country !== undefined) attributes['geo.country.iso_code'] = country;
  const user = caller && toUserHash(caller);
  if (user !== undefined) attributes['user.hash'] = user;
}

function addOperation(attributes: Attributes, { operation, cost, engine }: RequestRecord): void {
  if (operation !== undefined) {
    attributes['graphql.operation.type'] = operation.type;
    attributes['gateway.operation.hash'] = operation.hash;
  }
  // Only trusted documents have a name in the record.
  if (operation?.name !== undefined) attributes['graphql.operation.name'] = operation.name;
  if (cost !== undefined) attributes['gateway.operation.cost'] = cost;
  if (engine !== undefined) attributes['gateway.engine'] = engine;
}

function policySpan(
  record: RequestRecord,
  { afterMs, durationMs }: NonNullable<RequestRecord['policy']>,
  options: SpanTreeOptions,
): SpanFacts {
  const { verdicts, denials } = record;
  const attributes: Attributes = {};
  if (verdicts !== undefined) {
    const { denied, masked } = verdicts;
    attributes['gateway.fields.allowed'] = verdicts.allowed;
    attributes['gateway.fields.denied'] = denied.length;
    attributes['gateway.fields.masked'] = masked.length;
    if (denied.length > 0) attributes['gateway.denied'] = denied.slice(0, coordinatesMax);
    if (masked.length > 0) attributes['gateway.masked'] = masked.slice(0, coordinatesMax);
  }
  if (denials.length > 0) {
    const rules = new Set(denials.flatMap(({ rule }) => (rule === undefined ? [] : [rule])));
    attributes['security_rule.name'] = [...rules].slice(0, coordinatesMax);
  }
  const startMs = record.startedAtMs + afterMs;
  return {
    ...within(record, startMs, startMs + durationMs),
    name: 'policy.evaluate',
    kind: SpanKind.INTERNAL,
    spanId: options.newSpanId(),
    isError: false,
    attributes,
  };
}

function clientSpan(
  record: RequestRecord,
  call: UpstreamCall,
  options: SpanTreeOptions,
): SpanFacts {
  const { method, template, operationType, peer } = toCallNames(call, options);
  const errorType = toCallErrorType(call);
  const attributes: Attributes = {
    'http.request.method': method,
    'gateway.upstream': call.upstream,
    'http.response.body.size': call.responseBytes,
  };
  if (peer !== undefined) {
    attributes['server.address'] = peer.address;
    attributes['server.port'] = peer.port;
    attributes['url.scheme'] = peer.scheme;
  }
  if (template !== '') attributes['url.template'] = template;
  if (operationType !== '') attributes['graphql.operation.type'] = operationType;
  if (call.status > 0) attributes['http.response.status_code'] = call.status;
  if (errorType !== '') attributes['error.type'] = errorType;
  const startMs = call.startedAtMs ?? record.startedAtMs;
  return {
    ...within(record, startMs, startMs + call.durationMs),
    name: template === '' ? method : `${method} ${template}`,
    kind: SpanKind.CLIENT,
    spanId: call.spanId ?? options.newSpanId(),
    isError: errorType !== '',
    attributes,
  };
}

/**
 * Clips to the parent: the epoch's clock has whole milliseconds, and a child must lie within it.
 */
function within(record: RequestRecord, startMs: number, endMs: number) {
  const { traceId, spanId } = record.trace;
  const lastMs = record.startedAtMs + record.durationMs;
  const from = Math.min(Math.max(startMs, record.startedAtMs), lastMs);
  return {
    traceId,
    parentSpanId: spanId,
    isParentRemote: false,
    startMs: from,
    endMs: Math.max(from, Math.min(endMs, lastMs)),
  };
}
