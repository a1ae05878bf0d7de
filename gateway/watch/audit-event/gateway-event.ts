/**
 * OCSF 1.8.0 events that belong to no single request: sent answers, floods of refusals, policies
 * loaded or refused, and findings. Each JSON text ends in `}}}` after `unmapped.gateway`. Pure.
 */
import type { Reason } from '../../decision.ts';
import { publicFaces } from '../../errors.ts';
import { toMicros } from '../../time/to-micros.ts';
import type { FloodCount } from '../flood.ts';
import type { Closing } from './closings.ts';
import { type AuditDecision, decisionOfReason, outcomes } from './decision-of.ts';
import type { EventContext } from './event-frame.ts';
import { toSourceEndpoint } from './source-endpoint.ts';

export interface PolicyChange {
  readonly decision: 'policy_reloaded' | 'policy_reload_failed';
  readonly timeMs: number;
  /** The digest in force from now on. */
  readonly digest: string;
  /** The digest that was in force before. */
  readonly from: string;
  /** Codes and places of the problems, without texts of files. */
  readonly problems: readonly { readonly code: string; readonly place: string }[];
}

export interface Finding {
  readonly detector: string;
  readonly title: string;
  readonly timeMs: number;
  readonly severity: 4 | 5;
  /** Id of the request that raised it. */
  readonly request: string;
  readonly caller: string;
  readonly address: string;
  readonly coordinates: readonly string[];
}

const listedMax = 20;

/** Answers that were sent whole: the bytes and the duration of each. */
export function toClosedEvent(
  closings: readonly Closing[],
  context: EventContext,
  { uid, timeMs }: { uid: string; timeMs: number },
): string {
  return toText(context, 'closed', {
    uid,
    timeMs,
    class: 6002,
    activity: 99,
    body: { activity_name: 'Closed', app: appOf(context) },
    about: {
      closing: true,
      aborted: false,
      closed: closings.map(({ request, bytes, durationMs }) => ({
        request,
        bytes,
        duration_ms: toMicros(durationMs),
      })),
    },
  });
}

const appOf = ({ product }: EventContext) => ({
  ...product,
  uid: product.name,
  vendor_name: product.name,
});

/** A flood of refusals, described like a single refusal for the same reason. */
export function toFloodEvent(flood: FloodCount, context: EventContext, uid: string): string {
  const decision = decisionOfReason(flood.reason as Reason);
  const isLogin = decision === 'auth_failed';
  const [first] = flood.addresses;
  return toText(context, decision, {
    uid,
    timeMs: flood.fromMs,
    class: isLogin ? 3002 : 6003,
    activity: isLogin ? 1 : 99,
    code: publicFaces[flood.reason as Reason].code,
    body: {
      count: flood.count,
      ...(isLogin ? unknownLogin : unknownCall),
      src_endpoint: toSourceEndpoint(first?.address ?? ''),
      ...(decision === 'network_blocked' && {
        firewall_rule: { uid: flood.reason, name: 'network' },
      }),
    },
    about: {
      aggregated: true,
      reason: flood.reason,
      count: flood.count,
      addresses: flood.addresses,
      other_addresses: flood.otherAddresses,
    },
  });
}

const unknownLogin = {
  user: { uid: 'unknown', type_id: 0 },
  actor: { app_name: 'unknown' },
  service: { name: 'graphql' },
  is_remote: true,
  auth_protocol_id: 99,
  auth_protocol: 'bearer credential',
};

const unknownCall = {
  actor: { user: { uid: 'anonymous', type_id: 0 } },
  api: { operation: 'unknown' },
  http_request: { http_method: 'OTHER' },
};

export function toPolicyEvent(change: PolicyChange, context: EventContext, uid: string): string {
  return toText(context, change.decision, {
    uid,
    timeMs: change.timeMs,
    class: 6002,
    activity: 8,
    body: {
      app: appOf(context),
      policy: {
        uid: 'policies',
        version: change.digest.slice(0, 16),
        is_applied: change.decision === 'policy_reloaded',
      },
    },
    about: {
      policy: { version: change.digest.slice(0, 16), digest: change.digest },
      from: change.from,
      problems: change.problems.slice(0, listedMax),
    },
  });
}

export function toFindingEvent(finding: Finding, context: EventContext, uid: string): string {
  const { detector, title, timeMs, caller, address } = finding;
  return toText(context, 'detection', {
    uid,
    timeMs,
    class: 2004,
    activity: 1,
    severity: finding.severity,
    body: {
      finding_info: {
        uid,
        title,
        analytic: { uid: `gateway.${detector}`, name: detector, type_id: 1, version: '1' },
        first_seen_time: timeMs,
        last_seen_time: timeMs,
        related_events_count: 1,
      },
      confidence_id: 3,
      evidences: [
        {
          actor: { user: { uid: caller, type_id: 0 } },
          src_endpoint: toSourceEndpoint(address),
        },
      ],
    },
    about: {
      detector,
      request: finding.request,
      coordinates: finding.coordinates.slice(0, listedMax),
    },
  });
}

export interface Parts {
  readonly uid: string;
  readonly timeMs: number;
  readonly class: 2004 | 3002 | 6002 | 6003;
  readonly activity: number;
  readonly severity?: number;
  /** The error code that callers were given. */
  readonly code?: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly about: Readonly<Record<string, unknown>>;
}

export function toText(context: EventContext, decision: AuditDecision, parts: Parts): string {
  const { severity, status, action, disposition } = outcomes[decision];
  return JSON.stringify({
    metadata: {
      version: '1.8.0',
      product: { ...context.product, vendor_name: context.product.name },
      uid: parts.uid,
      event_code: decision,
      log_name: 'audit',
      profiles: ['security_control'],
    },
    time: parts.timeMs,
    category_uid: Math.floor(parts.class / 1_000),
    class_uid: parts.class,
    activity_id: parts.activity,
    type_uid: parts.class * 100 + parts.activity,
    severity_id: parts.severity ?? severity,
    status_id: status,
    ...(parts.code !== undefined && { status_code: parts.code }),
    action_id: action,
    disposition_id: disposition,
    is_alert: decision === 'detection',
    ...parts.body,
    unmapped: { gateway: { decision, ...parts.about } },
  });
}
