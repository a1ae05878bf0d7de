/**
 * The members of a request's OCSF event around `unmapped.gateway`: class, outcome, caller, source
 * and policy. Runs with every request, so texts that successive events share are built once and
 * kept until an event differs. Pure.
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
  /** Undefined if no key is configured: subjects are then counted, not named. */
  readonly toSubjectId: ToSubjectId | undefined;
  /** Called with each event of a request, in order, before its text is returned. */
  readonly flat?: ((event: FlatEvent) => void) | undefined;
}

export interface EventParts {
  readonly decision: AuditDecision;
  /** Suffix of the request's id, which tells the event from others of the request. */
  readonly suffix: string;
  readonly rule: string | undefined;
  /** Members of `unmapped.gateway` after `decision` and `request`, with a comma before each. */
  readonly about: string;
  /** The same for the forwarder; undefined if nothing forwards. */
  readonly flat: FlatGateway | undefined;
  readonly resources: readonly SubjectGroup[];
}

/** Subjects listed in `resources` as well, where OCSF tools look. */
const resourcesMax = 20;

/** Writes the members in the order of the class definitions. */
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

/** The product is the same for all events. */
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
  // Readers see the beginning of the digest; the whole is in `unmapped.gateway`.
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

/** Members that only some decisions have. */
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
