/** What the console shows of an alert: no caller, client or address. */
import { type Severity, toSeverityId } from '../alert.ts';

export interface ConsoleAlert {
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  /** Name of the detection, as its file gives it. */
  readonly detection: string;
  readonly severity: Severity;
  /** One sentence, without values, callers and addresses: the console has no lock. */
  readonly title: string;
  /** A request that it is about. */
  readonly requestId?: string;
}

/** Newest first; undefined where nothing is to be detected. */
export type RecentAlerts = () => readonly ConsoleAlert[] | undefined;

export const alertsMax = 50;
const textMax = 300;

/** As many as are shown, each bounded, and of each what is named above. */
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
 * Puts an alert first, in place. Where there is no room the oldest of the least severe goes, so that no
 * flood of small alerts takes the one that matters out of sight.
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
