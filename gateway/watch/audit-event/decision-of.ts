/**
 * The outcome of a request in the words of the audit trail: one decision from a closed list, with
 * the numbers that OCSF gives such an outcome. Pure.
 */
import type { Reason } from '../../decision.ts';
import type { RequestRecord } from '../../request.ts';

export const auditDecisions = [
  'allowed',
  'masked',
  'field_denied',
  'rate_limited',
  'network_blocked',
  'auth_failed',
  'limit_exceeded',
  'document_rejected',
  'request_rejected',
  'overloaded',
  'upstream_failed',
  'failed',
  'abandoned',
  'closed',
  'detection',
  'policy_reloaded',
  'policy_reload_failed',
] as const;
export type AuditDecision = (typeof auditDecisions)[number];

/** OCSF 1.8.0 numbers: severity, status, action and disposition. */
export interface Outcome {
  readonly severity: 1 | 2 | 3 | 4 | 5;
  /** 1 success, 2 failure. */
  readonly status: 1 | 2;
  /** 1 allowed, 2 denied, 3 observed, 4 modified. */
  readonly action: 1 | 2 | 3 | 4;
  readonly disposition: number;
}

const outcome = (
  severity: Outcome['severity'],
  status: Outcome['status'],
  action: Outcome['action'],
  disposition: number,
): Outcome => ({ severity, status, action, disposition });

export const outcomes: Readonly<Record<AuditDecision, Outcome>> = Object.freeze({
  allowed: outcome(1, 1, 1, 1),
  masked: outcome(2, 1, 4, 11),
  field_denied: outcome(3, 2, 2, 26),
  rate_limited: outcome(3, 2, 2, 2),
  network_blocked: outcome(3, 2, 2, 2),
  auth_failed: outcome(3, 2, 2, 25),
  limit_exceeded: outcome(3, 2, 2, 25),
  document_rejected: outcome(3, 2, 2, 25),
  request_rejected: outcome(2, 2, 2, 25),
  overloaded: outcome(3, 2, 2, 2),
  upstream_failed: outcome(3, 2, 1, 27),
  failed: outcome(4, 2, 2, 27),
  abandoned: outcome(2, 2, 1, 27),
  closed: outcome(1, 1, 1, 1),
  detection: outcome(4, 1, 3, 19),
  policy_reloaded: outcome(2, 1, 1, 1),
  policy_reload_failed: outcome(4, 2, 2, 25),
});

/** Reasons whose decision is not that of their room. */
const byReason: Partial<Record<Reason, AuditDecision>> = {
  'admit/ip-blocked': 'network_blocked',
  'admit/region-blocked': 'network_blocked',
  'admit/address-malformed': 'network_blocked',
  'admit/address-unknown': 'network_blocked',
  'admit/overloaded': 'overloaded',
  'admit/too-many-in-flight': 'overloaded',
  'admit/draining': 'overloaded',
  'limits/untrusted-document': 'document_rejected',
  'limits/persisted-query-not-found': 'document_rejected',
  'limits/persisted-query-refused': 'document_rejected',
  'limits/persisted-query-mismatch': 'document_rejected',
  'limits/syntax': 'request_rejected',
  'limits/invalid': 'request_rejected',
  'limits/operation-name': 'request_rejected',
  'limits/variables': 'request_rejected',
  'limits/subscription': 'request_rejected',
  'limits/timeout': 'failed',
  'rates/store-down': 'failed',
  'gateway/closed-by-caller': 'abandoned',
};

const byRoom: Readonly<Record<string, AuditDecision>> = {
  admit: 'request_rejected',
  identify: 'auth_failed',
  limits: 'limit_exceeded',
  authorize: 'field_denied',
  rates: 'rate_limited',
  watch: 'failed',
  gateway: 'failed',
};

export function decisionOf(record: RequestRecord): AuditDecision {
  const { refusal } = record;
  if (refusal !== undefined) return decisionOfReason(refusal.reason);
  if (record.upstreamFailures > 0) return 'upstream_failed';
  if (record.faults.length > 0) return 'failed';
  return record.delivered.some(({ masked }) => masked > 0) ? 'masked' : 'allowed';
}

/** The decision for a refusal's reason, be it one refusal or a flood. */
export function decisionOfReason(reason: Reason): AuditDecision {
  const [room = ''] = reason.split('/');
  return byReason[reason] ?? byRoom[room] ?? 'failed';
}
