/**
 * What stands around the members of `unmapped.gateway` in an OCSF event of a request: class and
 * outcome, who, from where, by which policy. Written with every request: what many events have
 * alike is put together once and kept as long as the next event has it too. Pure.
 */
import { publicFaces } from '../../errors.ts';
import type { RequestRecord } from '../../request.ts';
import { callerTexts } from './caller-texts.ts';
import { type AuditDecision, outcomes } from './decision-of.ts';
import { type FlatEvent, type FlatGateway, toFlatEvent, upstreamAtFault } from './flat-event.ts';
import { toMethod } from './http-method.ts';
import { keepLate, quote, quoteInner, quoteName, toNumber, toTime } from './json-text.ts';
import { toSourceEndpoint } from './source-endpoint.ts';
import type { SubjectGroup, ToSubjectId } from './subject-groups.ts';

export interface EventContext {
  readonly product: { readonly name: string; readonly version: string };
  /** Undefined: no key is configured, so subjects are counted and not named. */
  readonly toSubjectId: ToSubjectId | undefined;
  /** Told of each event of a request, before its text is returned; in their order. */
  readonly flat?: ((event: FlatEvent) => void) | undefined;
}

export interface EventParts {
  readonly decision: AuditDecision;
  /** Behind the request's id: what tells the event from others of the request. */
  readonly suffix: string;
  readonly rule: string | undefined;
  /** Members of `unmapped.gateway` after `decision` and `request`, with a comma before each. */
  readonly about: string;
  /** The same as the forwarder looks at it; undefined where nobody does. */
  readonly flat: FlatGateway | undefined;
  readonly resources: readonly SubjectGroup[];
}

/** Subjects that stand in `resources` too, where tools for OCSF look. */
const resourcesMax = 20;

/** The members of an event in the order of their classes' definition. */
export function toEvent(record: RequestRecord, context: EventContext, parts: EventParts): string {
  const { decision, resources, suffix } = parts;
  const isLogin = decision === 'auth_failed';
  if (context.flat !== undefined && parts.flat !== undefined) {
    const { rule, flat: gateway } = parts;
    context.flat(toFlatEvent(record, { decision, uid: record.id + suffix, rule, gateway }));
  }
  const id = quoteInner(record.id);
  const policy = toPolicy(parts.rule ?? record.refusal?.reason ?? 'default', record.policyDigest);
  return (
    `${toStart(context.product)}${id}${suffix}${toCode(decision)}${id}` +
    `${isLogin ? loginProfiles : apiProfiles}${toTime(record.startedAtMs)}` +
    `${toOutcome(decision, record.operation?.type, record.refusal?.reason)}` +
    `${isLogin ? toLogin(record) : toApiActivity(record, id)}` +
    `${toSource(record)}${toOther(record, decision)}${policy}` +
    `${resources.length === 0 ? '' : `,"resources":[${toResources(resources)}]`}` +
    `${toGateway(decision)}${id}"${parts.about}}}}`
  );
}

const apiProfiles = '","log_name":"audit","profiles":["security_control","trace"]},"time":';
const loginProfiles = '","log_name":"audit","profiles":["security_control"]},"time":';

/** What the gateway is does not change. */
const toStart = keepLate((product: EventContext['product']) => [
  '{"metadata":{"version":"1.8.0","product":',
  JSON.stringify({ ...product, vendor_name: product.name }),
  ',"uid":"',
]);

const toCode = keepLate((decision: AuditDecision) => [
  `","event_code":"${decision}","correlation_uid":"`,
]);

const toGateway = keepLate((decision: AuditDecision) => [
  `,"unmapped":{"gateway":{"decision":"${decision}","request":"`,
]);

const toPolicy = keepLate((uid: string, digest: string | undefined) => [
  `,"policy":{"uid":${quoteName(uid)}`,
  // A digest's beginning stands for it where people read.
  digest === undefined ? '' : `,"version":${quote(digest.slice(0, 16))}`,
  ',"is_applied":true}',
]);

const toOutcome = keepLate(
  (
    decision: AuditDecision,
    type: string | undefined,
    refused: keyof typeof publicFaces | undefined,
  ) => {
    const { severity, status, action, disposition } = outcomes[decision];
    const isLogin = decision === 'auth_failed';
    const activity = isLogin ? 1 : type === 'query' ? 2 : type === 'mutation' ? 3 : 99;
    const classUid = isLogin ? 3002 : 6003;
    const code = refused && quoteName(publicFaces[refused].code);
    return [
      `,"category_uid":${isLogin ? 3 : 6},"class_uid":${classUid},"activity_id":${activity},`,
      `"type_uid":${classUid * 100 + activity},"severity_id":${severity},"status_id":${status},`,
      code === undefined ? '' : `"status_code":${code},`,
      `"action_id":${action},"disposition_id":${disposition},"is_alert":false,`,
    ];
  },
);

function toApiActivity(record: RequestRecord, id: string): string {
  const { trace, startedAtMs, operation } = record;
  const name = operation?.name;
  const what = name === undefined ? quoteName(operation?.type ?? 'unknown') : quote(name);
  return (
    `"actor":${callerTexts(record.caller).actor}${toApi(what)}${id}` +
    `${toHttp(toMethod(record.method), record.status)}${quoteInner(trace.traceId)}` +
    `","span":{"uid":"${quoteInner(trace.spanId)}","start_time":${toTime(startedAtMs)},` +
    `"end_time":${toTime(startedAtMs + Math.ceil(record.durationMs))}}}`
  );
}

const toApi = keepLate((what: string) => [`,"api":{"operation":${what},"request":{"uid":"`]);

const toHttp = keepLate((method: string, status: number) => [
  `"}},"http_request":{"http_method":"${method}"}${toStatus(status)},"trace":{"uid":"`,
]);

const toStatus = (status: number): string =>
  status > 0 ? `,"http_response":{"code":${toNumber(status)}}` : '';

function toLogin({ status }: RequestRecord): string {
  return (
    '"user":{"uid":"unknown","type_id":0},"actor":{"app_name":"unknown"},' +
    '"service":{"name":"graphql"},"is_remote":true,"auth_protocol_id":99,' +
    `"auth_protocol":"bearer credential"${toStatus(status)}`
  );
}

const toSource = ({ clientAddress, peer, country }: RequestRecord): string =>
  toEndpoint(clientAddress ?? peer, country);

const toEndpoint = keepLate((address: string, country: string | undefined) => [
  ',"src_endpoint":',
  JSON.stringify(toSourceEndpoint(address)).slice(0, -1),
  country === undefined ? '' : `,"location":{"country":${quoteName(country)}}`,
  '}',
]);

/** What only some decisions have. */
function toOther(record: RequestRecord, decision: AuditDecision): string {
  if (decision === 'network_blocked') {
    const reason = record.refusal?.reason;
    const uid = reason === undefined ? '' : `"uid":${quoteName(reason)},`;
    return `,"firewall_rule":{${uid}"name":${quote(record.networks.join(' ') || 'network')}}`;
  }
  if (decision !== 'upstream_failed') return '';
  const upstream = upstreamAtFault(record);
  return upstream === undefined ? '' : `,"dst_endpoint":{"svc_name":${quoteName(upstream)}}`;
}

function toResources(groups: readonly SubjectGroup[]): string {
  let text = '';
  let room = resourcesMax;
  for (const { type, ids } of groups) {
    for (const id of ids) {
      if (room === 0) return text;
      room -= 1;
      text += `${text === '' ? '' : ','}{"type":${quoteName(type)},"uid":"${id}"}`;
    }
  }
  return text;
}
