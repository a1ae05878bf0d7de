/**
 * What a detection raises: that something was met so often, and for whom. Made by `detect/`, told by
 * `watch/`: as an OCSF Detection Finding in the audit trail, which names caller and address as all of
 * it does, and to webhooks, which get the keyed hash unless the configuration says more.
 */

/** OCSF's, in their order: the first is 1. */
export const severities = ['informational', 'low', 'medium', 'high', 'critical', 'fatal'] as const;
export type Severity = (typeof severities)[number];

/** 1 to 6, as OCSF numbers them. */
export const toSeverityId = (severity: Severity): number => severities.indexOf(severity) + 1;

export interface Alert {
  /** Of this alert alone. */
  readonly id: string;
  /** Name of the detection. */
  readonly detection: string;
  readonly title: string;
  readonly severity: Severity;
  /** When it was raised, in milliseconds since the epoch. */
  readonly timeMs: number;
  /** When the first of what was counted came; not before the window. */
  readonly firstMs: number;
  /** What was counted, at least. */
  readonly count: number;
  readonly threshold: number;
  readonly windowMs: number;
  /** `requests`, `records`, or what had to be distinct. */
  readonly counted: string;
  /** By whom it was counted; empty: over all. */
  readonly per: readonly string[];
  /** Keyed hash of that, 32 hex digits; empty where all are counted together. */
  readonly key: string;
  /** More were to be told apart than there was room for: others may have been counted with this one. */
  readonly crowded: boolean;
  /** Alerts of this detection that were held back since the last one, for there were too many. */
  readonly heldBack: number;
  /** Ids of the last requests that were counted, the newest last. */
  readonly requests: readonly string[];
  /** Of the request that raised it; undefined where it had no record. */
  readonly traceId: string | undefined;
  /** Of the request that raised it; undefined where nobody was identified. */
  readonly caller: string | undefined;
  readonly client: string | undefined;
  readonly address: string | undefined;
}
