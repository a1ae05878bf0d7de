/** What the console shows of an alert: no caller, client or address. */
import { type Severity, toSeverityId } from '../alert.ts';

export interface ConsoleAlert {
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  /** Name of the detection, as its file gives it. */
  readonly detection: string;
  readonly severity: Severity;
  /**
   * One sentence without values, callers and addresses, since the console has no access control.
   */
  readonly title: string;
  /** A request that the alert is about. */
  readonly requestId?: string;
}

/** Newest first; undefined if no detections are configured. */
export type RecentAlerts = () => readonly ConsoleAlert[] | undefined;

export const alertsMax = 50;
const textMax = 300;

/** The first `alertsMax` alerts, with only the members above, each cut to a bounded length. */
export function toShown(alerts: readonly ConsoleAlert[]): ConsoleAlert[] {
  return alerts.slice(0, alertsMax).map(({ timeMs, detection, severity, title, requestId }) => ({
    timeMs,
    detection: detection.slice(0, textMax),
    severity,
    title: title.slice(0, textMax),
    ...(requestId !== undefined && { requestId: requestId.slice(0, textMax) }),
  }));
}

/**
 * Inserts an alert at the front, in place. If there are too many, the oldest of the least severe is
 * removed, so that a flood of minor alerts cannot hide an important one.
 */
export function showFirst(alerts: ConsoleAlert[], alert: ConsoleAlert): void {
  alerts.unshift(alert);
  if (alerts.length <= alertsMax) return;
  const least = Math.min(...alerts.map(({ severity }) => toSeverityId(severity)));
  alerts.splice(
    alerts.findLastIndex(({ severity }) => toSeverityId(severity) === least),
    1,
  );
}
