/**
 * A request's record as OCSF 1.8.0 events: one that says what it came to, one per refused
 * coordinate, and one for what happened after the answer began.
 *
 * Holds who, through which application, from where, which coordinates and how many values, whose
 * (as keyed ids), why. Holds no value, variable, literal, token, header or text of an error.
 *
 * Written as text in one pass, since one or two of them are written with every request: an object
 * and JSON.stringify cost a multiple of it. What it must equal is in the tests.
 */
import type { Denial } from '../../decision.ts';
import { publicFaces } from '../../errors.ts';
import type { Caller, RequestRecord } from '../../request.ts';
import type { Delivered } from '../../tally.ts';
import { type CallerTexts, callerTexts } from './caller-texts.ts';
import { type AuditDecision, decisionOf, outcomes } from './decision-of.ts';
import { type FlatEvent, type FlatGateway, toFlatEvent, toWholeGateway } from './flat-event.ts';
import { toMethod } from './http-method.ts';
import { quote, quoteName, quoteNames, toNumber } from './json-text.ts';
import {
  groupSubjects,
  type SubjectGroup,
  splitGroups,
  type ToSubjectId,
} from './subject-groups.ts';
import { describe } from './whole-request.ts';

export interface EventContext {
  readonly product: { readonly name: string; readonly version: string };
  /** Undefined: no key is configured, so subjects are counted and not named. */
  readonly toSubjectId: ToSubjectId | undefined;
  /** Told of each event of a request, before its text is returned; in their order. */
  readonly flat?: ((event: FlatEvent) => void) | undefined;
}

/** Ids in one event; more go into events that continue it. */
const subjectsPerEventMax = 1_000;
/** Events about single coordinates of one request; the first event has all counts. */
export const childEventsMax = 20;
/** Subjects that stand in `resources` too, where tools for OCSF look. */
const resourcesMax = 20;
/** Scopes listed in one event. */
const listedMax = 50;

const noGroups: readonly SubjectGroup[] = [];

/** JSON texts, each ending in `}}}` after `unmapped.gateway`; the first tells of the whole request. */
export function toRequestEvents(record: RequestRecord, context: EventContext): string[] {
  const decision = decisionOf(record);
  const { tally } = record;
  const { groups, unknown } =
    tally === undefined || context.toSubjectId === undefined
      ? { groups: noGroups, unknown: tally?.slots.length ?? 0 }
      : groupSubjects(tally, context.toSubjectId);
  const parts = groups.length === 0 ? [noGroups] : splitGroups(groups, subjectsPerEventMax);
  const slots = groups.length === 0 ? [] : toSlots(record);
  const first = parts[0] ?? noGroups;
  const nobody = unknown === 0 ? '' : `,"subject_unknown":${unknown}`;
  const events = [
    toEvent(record, context, {
      decision,
      uid: record.id,
      rule: ruleOf(record),
      about: `${describe(record)},"delivered":[${toDelivered(record.delivered)}],"subjects":[${toListed(first, slots)}]${nobody}`,
      resources: first,
      flat: context.flat && toWholeGateway(record),
    }),
  ];
  for (let at = 1; at < parts.length; at += 1) {
    events.push(toContinued(record, context, { decision, at, part: parts[at] ?? [], slots }));
  }
  const { denials } = record;
  const children = Math.min(denials.length, childEventsMax);
  for (let at = 0; at < children; at += 1) {
    const denial = denials[at];
    if (denial !== undefined) events.push(toDenialEvent(record, context, denial, at));
  }
  return events;
}

/** After the answer: what was sent of it, and whether the caller stayed. */
export function toClosingEvent(record: RequestRecord, context: EventContext): string {
  const durationMs = Math.round(record.durationMs * 1_000) / 1_000;
  return toEvent(record, context, {
    decision: record.aborted ? 'abandoned' : decisionOf(record),
    uid: `${record.id}.end`,
    rule: undefined,
    about: `"request":${quote(record.id)},"closing":true,"aborted":${record.aborted},"bytes":${toNumber(record.responseBytes)},"duration_ms":${toNumber(durationMs)}`,
    resources: noGroups,
    flat: { request: record.id },
  });
}

/** Subjects that found no room in the first event. */
function toContinued(
  record: RequestRecord,
  context: EventContext,
  more: {
    decision: AuditDecision;
    at: number;
    part: readonly SubjectGroup[];
    slots: readonly number[];
  },
): string {
  const fields = record.delivered
    .map((one) => `{"field":${quoteName(one.coordinate)},"classes":${quoteNames(one.classes)}}`)
    .join();
  return toEvent(record, context, {
    decision: more.decision,
    uid: `${record.id}.s${more.at}`,
    rule: undefined,
    about: `"request":${quote(record.id)},"continues":true,"delivered":[${fields}],"subjects":[${toListed(more.part, more.slots)}]`,
    resources: more.part,
    flat: {
      request: record.id,
      delivered: record.delivered.map(({ classes: its }) => ({ classes: its })),
    },
  });
}

function toDenialEvent(
  record: RequestRecord,
  context: EventContext,
  denial: Denial,
  at: number,
): string {
  const { coordinate, classes, rule } = denial;
  const missing = missingScopes(denial, record.caller).map(quoteName).join();
  return toEvent(record, context, {
    decision: 'field_denied',
    uid: `${record.id}.d${at + 1}`,
    rule,
    about: `"request":${quote(record.id)},"field":${quoteName(coordinate)},"classes":${quoteNames(classes)},"missing_scopes":[${missing}]`,
    resources: noGroups,
    flat: { request: record.id, field: coordinate },
  });
}

interface EventParts {
  readonly decision: AuditDecision;
  readonly uid: string;
  readonly rule: string | undefined;
  /** Members of `unmapped.gateway`, without its braces. */
  readonly about: string;
  /** The same as the forwarder looks at it; undefined where nobody does. */
  readonly flat: FlatGateway | undefined;
  readonly resources: readonly SubjectGroup[];
}

/** The members of an event in the order of their classes' definition. */
function toEvent(record: RequestRecord, context: EventContext, parts: EventParts): string {
  const { decision, resources } = parts;
  const { refusal, policyDigest } = record;
  const isLogin = decision === 'auth_failed';
  if (context.flat !== undefined && parts.flat !== undefined) {
    const { uid, rule, flat: gateway } = parts;
    context.flat(toFlatEvent(record, { decision, uid, rule, gateway }));
  }
  const caller = callerTexts(record.caller);
  const policy = quoteName(parts.rule ?? refusal?.reason ?? 'default');
  const version = policyDigest === undefined ? '' : `,"version":${versionOf(policyDigest)}`;
  const profiles = isLogin ? '"security_control"' : '"security_control","trace"';
  return (
    `{"metadata":{"version":"1.8.0","product":${productOf(context)},"uid":${quote(parts.uid)},` +
    `"event_code":"${decision}","correlation_uid":${quote(record.id)},"log_name":"audit",` +
    `"profiles":[${profiles}]},"time":${toNumber(record.startedAtMs)},` +
    `${toClass(record, decision, isLogin)},"is_alert":false,` +
    `${isLogin ? toLogin(record) : toApiActivity(record, caller)},` +
    `"src_endpoint":${toSource(record)}${toOther(record, decision)},` +
    `"policy":{"uid":${policy}${version},"is_applied":true}` +
    `${resources.length === 0 ? '' : `,"resources":[${toResources(resources)}]`},` +
    `"unmapped":{"gateway":{"decision":"${decision}",${parts.about}}}}`
  );
}

/** One of a few: what the gateway is does not change. */
const products = new WeakMap<EventContext['product'], string>();

function productOf({ product }: EventContext): string {
  const known = products.get(product);
  if (known !== undefined) return known;
  const text = JSON.stringify({ ...product, vendor_name: product.name });
  products.set(product, text);
  return text;
}

/** A digest's beginning stands for it where people read. */
const versionOf = (digest: string): string => quoteName(digest.slice(0, 16));

function toClass(record: RequestRecord, decision: AuditDecision, isLogin: boolean): string {
  const { severity, status, action, disposition } = outcomes[decision];
  const type = record.operation?.type;
  const activity = isLogin ? 1 : type === 'query' ? 2 : type === 'mutation' ? 3 : 99;
  const classUid = isLogin ? 3002 : 6003;
  const { refusal } = record;
  const code = refusal && quoteName(publicFaces[refusal.reason].code);
  return (
    `"category_uid":${isLogin ? 3 : 6},"class_uid":${classUid},"activity_id":${activity},` +
    `"type_uid":${classUid * 100 + activity},"severity_id":${severity},"status_id":${status},` +
    `${code === undefined ? '' : `"status_code":${code},`}` +
    `"action_id":${action},"disposition_id":${disposition}`
  );
}

function toApiActivity(record: RequestRecord, { actor }: CallerTexts): string {
  const { trace, startedAtMs, operation } = record;
  const name = operation?.name;
  const what = name === undefined ? quoteName(operation?.type ?? 'unknown') : quote(name);
  return (
    `"actor":${actor},"api":{"operation":${what},"request":{"uid":${quote(record.id)}}},` +
    `"http_request":{"http_method":"${toMethod(record.method)}"}${toStatus(record)},` +
    `"trace":{"uid":${quote(trace.traceId)},"span":{"uid":${quote(trace.spanId)},` +
    `"start_time":${toNumber(startedAtMs)},` +
    `"end_time":${toNumber(startedAtMs + Math.ceil(record.durationMs))}}}`
  );
}

const toStatus = ({ status }: RequestRecord): string =>
  status > 0 ? `,"http_response":{"code":${toNumber(status)}}` : '';

function toLogin(record: RequestRecord): string {
  return (
    '"user":{"uid":"unknown","type_id":0},"actor":{"app_name":"unknown"},' +
    '"service":{"name":"graphql"},"is_remote":true,"auth_protocol_id":99,' +
    `"auth_protocol":"bearer credential"${toStatus(record)}`
  );
}

function toSource({ clientAddress, peer, country }: RequestRecord): string {
  const location = country === undefined ? '' : `,"location":{"country":${quoteName(country)}}`;
  return `{"ip":${quote(clientAddress ?? peer)}${location}}`;
}

/** What only some decisions have. */
function toOther(record: RequestRecord, decision: AuditDecision): string {
  if (decision === 'network_blocked') {
    const reason = record.refusal?.reason;
    const uid = reason === undefined ? '' : `"uid":${quoteName(reason)},`;
    return `,"firewall_rule":{${uid}"name":${quote(record.networks.join(' ') || 'network')}}`;
  }
  if (decision !== 'upstream_failed') return '';
  const { upstreamCalls } = record;
  const failed = upstreamCalls.find(({ failure }) => failure !== undefined) ?? upstreamCalls[0];
  return failed === undefined ? '' : `,"dst_endpoint":{"svc_name":${quoteName(failed.upstream)}}`;
}

function toDelivered(delivered: readonly Delivered[]): string {
  let text = '';
  for (const { coordinate, classes, rule, count, masked } of delivered) {
    if (text !== '') text += ',';
    text +=
      `{"field":${quoteName(coordinate)},"classes":${quoteNames(classes)},` +
      `"rule":${quoteName(rule)},"count":${toNumber(count)},"masked":${toNumber(masked)}}`;
  }
  return text;
}

/** Slot of the tally to index into `delivered`. */
function toSlots({ classified, delivered }: RequestRecord): number[] {
  return classified.map(({ coordinate }) =>
    delivered.findIndex((one) => one.coordinate === coordinate),
  );
}

/** Keyed ids need no escape: they are base64url behind an epoch of small letters and digits. */
function toListed(groups: readonly SubjectGroup[], slots: readonly number[]): string {
  let text = '';
  for (const { type, fields, ids } of groups) {
    if (text !== '') text += ',';
    const places = fields.map((slot) => slots[slot] ?? -1).join();
    text += `{"type":${quoteName(type)},"fields":[${places}],"ids":["${ids.join('","')}"]}`;
  }
  return text;
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

/** What decided: the rate that was exhausted, the rule that refused or that granted. */
function ruleOf(record: RequestRecord): string | undefined {
  const { refusal, denials, delivered, charges } = record;
  if (refusal === undefined) return delivered[0]?.rule;
  if (refusal.reason !== 'rates/limited') return denials[0]?.rule;
  return charges.findLast(({ amount, remaining }) => remaining < amount)?.rate;
}

function missingScopes({ scopes }: Denial, caller: Caller | undefined): readonly string[] {
  return scopes.filter((scope) => caller?.scopes.has(scope) !== true).slice(0, listedMax);
}
