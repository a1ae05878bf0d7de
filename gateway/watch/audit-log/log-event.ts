/**
 * Events that the log writes about itself, as OCSF 1.8.0 Application Lifecycle (6002, activity
 * Other): checkpoints, recovery from a torn tail, refused records, and retired segments. A
 * checkpoint in the log is part of every copy of it and serves as an anchor there. Pure apart from
 * the random uid.
 */
import { randomUUID } from 'node:crypto';

export type LogEventKind = 'audit_checkpoint' | 'audit_recovered' | 'audit_gap' | 'audit_retired';

/** OCSF severities: informational, medium, high. */
const severities: Readonly<Record<LogEventKind, number>> = {
  audit_checkpoint: 1,
  audit_recovered: 3,
  audit_gap: 4,
  audit_retired: 1,
};

/** One line of JSON that ends with `unmapped.gateway`; `about` must not contain caller data. */
export function toLogEvent(
  kind: LogEventKind,
  timeMs: number,
  about: Readonly<Record<string, unknown>>,
): string {
  return JSON.stringify({
    activity_id: 99,
    activity_name: kind.replace('_', '.'),
    app: { name: 'fieldgate', vendor_name: 'Fieldgate' },
    category_uid: 6,
    class_uid: 6002,
    metadata: {
      product: { name: 'fieldgate', vendor_name: 'Fieldgate' },
      uid: randomUUID(),
      version: '1.8.0',
    },
    severity_id: severities[kind],
    status_id: 1,
    time: timeMs,
    type_uid: 600_299,
    unmapped: { gateway: { decision: kind, ...about } },
  });
}
