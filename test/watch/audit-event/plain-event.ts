/**
 * A request's record as OCSF events, built as objects and written by JSON.stringify: slow, plain,
 * and what the hand-written text of request-event.ts must equal.
 */
import type { Denial } from '../../../gateway/decision.ts';
import { publicFaces } from '../../../gateway/errors.ts';
import type { Caller, RequestRecord, UpstreamCall } from '../../../gateway/request.ts';
import {
  type AuditDecision,
  decisionOf,
  outcomes,
} from '../../../gateway/watch/audit-event/decision-of.ts';
import type { EventContext } from '../../../gateway/watch/audit-event/event-frame.ts';
import {
  groupSubjects,
  type SubjectGroup,
  splitGroups,
} from '../../../gateway/watch/audit-event/subject-groups.ts';

/** Ids in one event; more go into events that continue it. */
const subjectsPerEventMax = 1_000;
/** Events about single coordinates of one request; the first event has all counts. */
const childEventsMax = 20;
/** Subjects that stand in `resources` too, where tools for OCSF look. */
const resourcesMax = 20;
/** Coordinates and upstream calls listed in one event. */
const listedMax = 50;

const activities: Readonly<Record<string, number>> = { query: 2, mutation: 3 };

/** JSON texts, each ending in `}}}` after `unmapped.gateway`; the first tells of the whole request. */
export function plainRequestEvents(record: RequestRecord, context: EventContext): string[] {
  const decision = decisionOf(record);
  const { groups, unknown } =
    record.tally === undefined || context.toSubjectId === undefined
      ? { groups: [], unknown: record.tally?.slots.length ?? 0 }
      : groupSubjects(record.tally, context.toSubjectId);
  const slots = toSlots(record);
  const [first = [], ...more] = splitGroups(groups, subjectsPerEventMax);
  const whole = toEvent(record, context, {
    decision,
    uid: record.id,
    rule: ruleOf(record),
    about: {
      ...describe(record),
      delivered: record.delivered.map(({ coordinate: field, ...rest }) => ({ field, ...rest })),
      subjects: toListed(first, slots),
      ...(unknown === 0 ? {} : { subject_unknown: unknown }),
    },
    resources: first,
  });
  const continued = more.map((part, index) =>
    toEvent(record, context, {
      decision,
      uid: `${record.id}.s${index + 1}`,
      rule: undefined,
      about: {
        request: record.id,
        continues: true,
        delivered: fieldsOf(record),
        subjects: toListed(part, slots),
      },
      resources: part,
    }),
  );
  return [whole, ...continued, ...toDenialEvents(record, context)];
}

/** After the answer: what was sent of it, and whether the caller stayed. */
export function plainClosingEvent(record: RequestRecord, context: EventContext): string {
  return toEvent(record, context, {
    decision: record.aborted ? 'abandoned' : decisionOf(record),
    uid: `${record.id}.end`,
    rule: undefined,
    about: {
      request: record.id,
      closing: true,
      aborted: record.aborted,
      bytes: record.responseBytes,
      duration_ms: Math.round(record.durationMs * 1_000) / 1_000,
    },
    resources: [],
  });
}

function toDenialEvents(record: RequestRecord, context: EventContext): string[] {
  return record.denials.slice(0, childEventsMax).map((denial, index) =>
    toEvent(record, context, {
      decision: 'field_denied',
      uid: `${record.id}.d${index + 1}`,
      rule: denial.rule,
      about: {
        request: record.id,
        field: denial.coordinate,
        classes: denial.classes,
        missing_scopes: missingScopes(denial, record.caller),
        ...(denial.stepUp && { step_up: true }),
      },
      resources: [],
    }),
  );
}

interface EventParts {
  readonly decision: AuditDecision;
  readonly uid: string;
  readonly rule: string | undefined;
  readonly about: Readonly<Record<string, unknown>>;
  readonly resources: readonly SubjectGroup[];
}

function toEvent(record: RequestRecord, context: EventContext, parts: EventParts): string {
  const { decision } = parts;
  const { severity, status, action, disposition } = outcomes[decision];
  const isLogin = decision === 'auth_failed';
  const activity = isLogin ? 1 : (activities[record.operation?.type ?? ''] ?? 99);
  const classUid = isLogin ? 3002 : 6003;
  const failed =
    record.upstreamCalls.find(({ failure }) => failure !== undefined) ?? record.upstreamCalls[0];
  return JSON.stringify({
    metadata: {
      version: '1.8.0',
      product: { ...context.product, vendor_name: context.product.name },
      uid: parts.uid,
      event_code: decision,
      correlation_uid: record.id,
      log_name: 'audit',
      profiles: isLogin ? ['security_control'] : ['security_control', 'trace'],
    },
    time: record.startedAtMs,
    category_uid: isLogin ? 3 : 6,
    class_uid: classUid,
    activity_id: activity,
    type_uid: classUid * 100 + activity,
    severity_id: severity,
    status_id: status,
    ...(record.refusal && { status_code: publicFaces[record.refusal.reason].code }),
    action_id: action,
    disposition_id: disposition,
    is_alert: false,
    ...(isLogin ? toLogin(record) : toApiActivity(record)),
    src_endpoint: toSource(record),
    ...(decision === 'network_blocked' && {
      firewall_rule: { uid: record.refusal?.reason, name: record.networks.join(' ') || 'network' },
    }),
    ...(decision === 'upstream_failed' &&
      failed && { dst_endpoint: { svc_name: failed.upstream } }),
    policy: {
      uid: parts.rule ?? record.refusal?.reason ?? 'default',
      ...(record.policyDigest === undefined ? {} : { version: record.policyDigest.slice(0, 16) }),
      is_applied: true,
    },
    ...(parts.resources.length > 0 && { resources: toResources(parts.resources) }),
    unmapped: { gateway: { decision, ...parts.about } },
  });
}

function toApiActivity(record: RequestRecord) {
  const { trace, startedAtMs, operation } = record;
  return {
    actor: toActor(record.caller),
    api: {
      operation: operation?.name ?? operation?.type ?? 'unknown',
      request: { uid: record.id },
    },
    http_request: { http_method: httpMethods.has(record.method) ? record.method : 'OTHER' },
    ...(record.status > 0 && { http_response: { code: record.status } }),
    trace: {
      uid: trace.traceId,
      span: {
        uid: trace.spanId,
        start_time: startedAtMs,
        end_time: startedAtMs + Math.ceil(record.durationMs),
      },
    },
  };
}

/** A method is a text of the caller's; the known ones are not. */
const httpMethods = new Set(['GET', 'POST', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

function toLogin(record: RequestRecord) {
  return {
    user: { uid: 'unknown', type_id: 0 },
    actor: { app_name: 'unknown' },
    service: { name: 'graphql' },
    is_remote: true,
    auth_protocol_id: 99,
    auth_protocol: 'bearer credential',
    ...(record.status > 0 && { http_response: { code: record.status } }),
  };
}

/** What the issuer said beyond its ceiling. */
function toDropped({ scopes, roles }: NonNullable<Caller['dropped']>) {
  return { scopes: scopes.slice(0, listedMax), roles: roles.slice(0, listedMax) };
}

function toActor(caller: Caller | undefined) {
  if (caller === undefined || caller.kind === 'anonymous') {
    return { user: { uid: 'anonymous', type_id: 0 } };
  }
  const { subject, issuer, client, credentialHash } = caller;
  return {
    user: { uid: subject ?? client ?? 'unknown', type_id: subject === undefined ? 3 : 1 },
    ...(client === undefined ? {} : { app_uid: client }),
    session: {
      ...(credentialHash === undefined ? {} : { uid: credentialHash }),
      ...(issuer === undefined ? {} : { issuer }),
    },
  };
}

function toSource({ clientAddress, peer, country }: RequestRecord) {
  const ip = clientAddress ?? peer;
  return {
    ...(ip === '' ? { name: 'unknown' } : { ip }),
    ...(country === undefined ? {} : { location: { country } }),
  };
}

function describe(record: RequestRecord) {
  const { operation, verdicts, upstreamCalls, charges } = record;
  return {
    request: record.id,
    ...(record.refusal === undefined
      ? {}
      : {
          reason: record.refusal.reason,
          stage: record.stage,
          coordinates: record.refusal.coordinates.slice(0, listedMax),
        }),
    ...(operation === undefined
      ? {}
      : {
          operation: {
            type: operation.type,
            hash: operation.hash,
            ...(operation.name === undefined ? {} : { name: operation.name }),
          },
        }),
    ...(verdicts === undefined
      ? {}
      : {
          fields: {
            allowed: verdicts.allowed,
            denied: verdicts.denied.length,
            masked: verdicts.masked.length,
          },
        }),
    ...(record.caller?.roles.size ? { roles: [...record.caller.roles].slice(0, listedMax) } : {}),
    ...(record.caller?.dropped === undefined ? {} : { dropped: toDropped(record.caller.dropped) }),
    ...(record.policyDigest === undefined
      ? {}
      : { policy: { version: record.policyDigest.slice(0, 16), digest: record.policyDigest } }),
    ...(record.engine === undefined ? {} : { engine: record.engine }),
    ...(record.cost === undefined ? {} : { cost: record.cost }),
    ...(charges.length === 0
      ? {}
      : {
          rates: charges
            .slice(0, listedMax)
            .map(({ rate, amount, near }) => ({ rate, amount, ...(near && { near }) })),
        }),
    ...(record.shadows && { shadow: record.shadows }),
    ...(record.localRates ? { local_rates: true } : {}),
    upstreams: upstreamCalls.slice(0, listedMax).map(toUpstream),
    upstream_calls: record.upstreamCallCount,
    ...(record.upstreamFailures === 0 ? {} : { upstream_failures: record.upstreamFailures }),
    ...(record.faults.length === 0 ? {} : { faults: record.faults.length }),
    bytes: record.responseBytes,
  };
}

function toUpstream({ upstream, operation, status, durationMs, failure }: UpstreamCall) {
  return {
    upstream,
    operation,
    status,
    ms: Math.round(durationMs),
    ...(failure === undefined ? {} : { failure }),
  };
}

/** Slot of the tally to index into `delivered`. */
function toSlots({ classified, delivered }: RequestRecord): ReadonlyMap<number, number> {
  const at = new Map(delivered.map(({ coordinate }, index) => [coordinate, index]));
  return new Map(
    classified.flatMap(({ coordinate }, slot): [number, number][] => {
      const index = at.get(coordinate);
      return index === undefined ? [] : [[slot, index]];
    }),
  );
}

const fieldsOf = ({ delivered }: RequestRecord) =>
  delivered.map(({ coordinate: field, classes }) => ({ field, classes }));

function toListed(groups: readonly SubjectGroup[], slots: ReadonlyMap<number, number>) {
  return groups.map(({ type, fields, ids }) => ({
    type,
    fields: fields.map((slot) => slots.get(slot) ?? -1),
    ids,
  }));
}

function toResources(groups: readonly SubjectGroup[]) {
  const all: { type: string; uid: string }[] = [];
  for (const { type, ids } of groups) {
    for (const uid of ids) {
      if (all.length === resourcesMax) return all;
      all.push({ type, uid });
    }
  }
  return all;
}

/** What decided: the rate that was exhausted, the rule that refused or that granted. */
function ruleOf(record: RequestRecord): string | undefined {
  const { refusal, denials, delivered, charges } = record;
  if (refusal === undefined) return delivered[0]?.rule;
  if (refusal.reason !== 'rates/limited') return denials[0]?.rule;
  return charges.findLast(({ exhausted }) => exhausted === true)?.rate;
}

function missingScopes({ scopes }: Denial, caller: Caller | undefined): readonly string[] {
  return scopes.filter((scope) => caller?.scopes.has(scope) !== true).slice(0, listedMax);
}
