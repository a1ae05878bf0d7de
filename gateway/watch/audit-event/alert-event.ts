/**
 * An alert as an event of the audit trail: an OCSF 1.8.0 Detection Finding with caller and address,
 * and the ids of the requests whose events have the details.
 */
import { type Alert, toSeverityId } from '../../alert.ts';
import { clipName } from './clip-name.ts';
import type { EventContext } from './event-frame.ts';
import { toText } from './gateway-event.ts';
import { toSourceEndpoint } from './source-endpoint.ts';

export function toAlertEvent(alert: Alert, context: EventContext): string {
  const { detection, timeMs, firstMs, per, caller, client, address } = alert;
  const user = { uid: clipName(caller ?? 'anonymous'), type_id: caller === undefined ? 0 : 1 };
  return toText(context, 'detection', {
    uid: alert.id,
    timeMs,
    class: 2004,
    activity: 1,
    severity: toSeverityId(alert.severity),
    body: {
      finding_info: {
        uid: alert.id,
        title: alert.title,
        analytic: { uid: `detect.${detection}`, name: detection, type_id: 1, version: '1' },
        first_seen_time: firstMs,
        last_seen_time: timeMs,
        related_events_count: alert.count,
      },
      count: alert.count,
      confidence_id: alert.crowded ? 1 : 3,
      evidences: [
        {
          actor: { user, ...(client !== undefined && { app_uid: clipName(client) }) },
          ...(address !== undefined && { src_endpoint: toSourceEndpoint(address) }),
        },
      ],
    },
    about: {
      detector: detection,
      request: alert.requests.at(-1),
      requests: alert.requests,
      trace: alert.traceId,
      count: alert.count,
      counted: alert.counted,
      threshold: alert.threshold,
      window_ms: alert.windowMs,
      per,
      key: alert.key,
      crowded: alert.crowded,
      held_back: alert.heldBack,
    },
  });
}
