/**
 * The name of an audit event on the wire: OpenTelemetry's `event_name` and severity for each
 * decision of the audit trail. Pure.
 */
import type { AuditDecision } from '../audit-event/decision-of.ts';

export interface EventName {
  readonly name: string;
  /** OpenTelemetry severity numbers: 9 info, 13 warning, 17 error, 21 fatal. */
  readonly severity: 9 | 13 | 17 | 21;
}

const names: Readonly<Record<AuditDecision, EventName>> = Object.freeze({
  allowed: { name: 'gateway.request', severity: 9 },
  masked: { name: 'gateway.field.masked', severity: 9 },
  field_denied: { name: 'gateway.field.denied', severity: 13 },
  rate_limited: { name: 'gateway.rate_limited', severity: 13 },
  network_blocked: { name: 'gateway.network.blocked', severity: 13 },
  auth_failed: { name: 'gateway.auth.failed', severity: 13 },
  limit_exceeded: { name: 'gateway.limit.exceeded', severity: 13 },
  document_rejected: { name: 'gateway.document.rejected', severity: 13 },
  request_rejected: { name: 'gateway.request.rejected', severity: 9 },
  overloaded: { name: 'gateway.overloaded', severity: 13 },
  upstream_failed: { name: 'gateway.upstream.failed', severity: 17 },
  failed: { name: 'gateway.failed', severity: 17 },
  abandoned: { name: 'gateway.request.abandoned', severity: 9 },
  closed: { name: 'gateway.requests.closed', severity: 9 },
  detection: { name: 'gateway.detection', severity: 17 },
  policy_reloaded: { name: 'gateway.policy.reloaded', severity: 9 },
  policy_reload_failed: { name: 'gateway.policy.reload_failed', severity: 17 },
});

const byOcsfSeverity = [9, 9, 9, 13, 17, 21, 21] as const;

/**
 * @param decision of the closed list, or one that a later version wrote
 * @param ocsfSeverity 1 to 6; a critical detection is fatal
 */
export function toEventName(decision: string, ocsfSeverity: number): EventName {
  const known = Object.hasOwn(names, decision) ? names[decision as AuditDecision] : undefined;
  if (known === undefined) {
    const name = /^[a-z][a-z_]{0,40}$/.test(decision) ? `gateway.${decision}` : 'gateway.event';
    return { name, severity: byOcsfSeverity[ocsfSeverity] ?? 9 };
  }
  return decision === 'detection' && ocsfSeverity >= 5 ? { ...known, severity: 21 } : known;
}
