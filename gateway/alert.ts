/**
 * What a detection raises when it has counted enough of something for one key. Made by `detect/`,
 * published by `watch/`: as an OCSF Detection Finding in the audit trail, with caller and address
 * as everywhere there, and to webhooks, which get the keyed hash unless the configuration allows
 * more.
 */

/** OCSF's severities in their order: the first is 1. */
export const severities = ['informational', 'low', 'medium', 'high', 'critical', 'fatal'] as const;
export type Severity = (typeof severities)[number];

/** OCSF's severity id, 1 to 6. */
export const toSeverityId = (severity: Severity): number => severities.indexOf(severity) + 1;

export interface Alert {
  /** Unique to this alert. */
  readonly id: string;
  /** Name of the detection. */
  readonly detection: string;
  readonly title: string;
  readonly severity: Severity;
  /** When it was raised, in milliseconds since the epoch. */
  readonly timeMs: number;
  /** When the first of them came, not before the window's start; milliseconds since the epoch. */
  readonly firstMs: number;
  /** How many were counted, at least. */
  readonly count: number;
  readonly threshold: number;
  readonly windowMs: number;
  /** `requests`, `records`, or the name of what had to be distinct. */
  readonly counted: string;
  /** The attributes it was counted by; empty if counted over all requests. */
  readonly per: readonly string[];
  /** Keyed hash of the values of `per`, 32 hex digits; empty if all are counted together. */
  readonly key: string;
  /** More keys came than can be counted apart, so this count may include others. */
  readonly crowded: boolean;
  /** Alerts of this detection suppressed since the last one, because there were too many. */
  readonly heldBack: number;
  /** Ids of the last counted requests, newest last. */
  readonly requests: readonly string[];
  /** Of the request that raised it; undefined if it had no record. */
  readonly traceId: string | undefined;
  /** Of the request that raised it; undefined if no caller was identified. */
  readonly caller: string | undefined;
  readonly client: string | undefined;
  readonly address: string | undefined;
}
