/**
 * An alert as an event of PagerDuty's Events API v2; alerts with the same key join one incident.
 */
import type { Alert, Severity } from '../../alert.ts';
import { factsOf, type Included, toSummary } from './alert-text.ts';

const severityOf: Readonly<Record<Severity, 'info' | 'warning' | 'error' | 'critical'>> = {
  informational: 'info',
  low: 'warning',
  medium: 'warning',
  high: 'error',
  critical: 'critical',
  fatal: 'critical',
};

export function toPagerDutyBody(alert: Alert, include: Included, routingKey: string): string {
  return JSON.stringify({
    routing_key: routingKey,
    event_action: 'trigger',
    dedup_key: `fieldgate/${alert.detection}/${alert.key}`,
    payload: {
      summary: toSummary(alert).slice(0, 1_024),
      source: 'fieldgate',
      severity: severityOf[alert.severity],
      timestamp: new Date(alert.timeMs).toISOString(),
      component: 'gateway',
      class: alert.detection,
      custom_details: {
        alert: alert.id,
        severity: alert.severity,
        count: alert.count,
        counted: alert.counted,
        threshold: alert.threshold,
        window_seconds: alert.windowMs / 1_000,
        key: alert.key,
        requests: alert.requests,
        trace_id: alert.traceId,
        crowded: alert.crowded,
        held_back: alert.heldBack,
        ...factsOf(alert, include),
      },
    },
  });
}
