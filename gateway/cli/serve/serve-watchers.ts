/**
 * Hands each record of a serving gateway to everything that watches it, the audit trail first. Only
 * the audit trail decides: its `seal` may refuse an answer.
 */
import type { ProcessState } from '../../console/process-state.ts';
import type { GatewayOptions } from '../../gateway-options.ts';
import type { RequestLog } from '../../watch/request-log.ts';
import type { Telemetry } from '../../watch/telemetry/telemetry.ts';
import type { ServedAudit } from './serve-audit.ts';
import type { ServedDetections } from './serve-detect.ts';

export interface Watchers {
  readonly audit: ServedAudit | undefined;
  readonly requestLog: RequestLog;
  readonly detections: ServedDetections;
  readonly telemetry: Telemetry;
  /** State for the console; undefined if there is none. */
  readonly shown: ProcessState | undefined;
}

export function watchWith({
  audit,
  requestLog,
  detections,
  telemetry,
  shown,
}: Watchers): Pick<GatewayOptions, 'seal' | 'count' | 'decided' | 'observe'> {
  return {
    ...(audit && { seal: audit.seal }),
    count(turnedAway) {
      audit?.count(turnedAway);
      requestLog.count(turnedAway);
      detections.count(turnedAway);
      telemetry.count(turnedAway);
    },
    decided: detections.decided,
    observe(record) {
      audit?.observe(record);
      const line = requestLog.write(record);
      detections.ended(record);
      telemetry.observe(record);
      shown?.observe(record, line);
    },
  };
}
