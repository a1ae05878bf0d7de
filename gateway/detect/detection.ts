/** Detections as they are used: names resolved, durations in milliseconds. */
import type { Severity } from '../alert.ts';
import type { Reason } from '../decision.ts';

export const outcomes = ['answered', 'refused', 'failed', 'abandoned'] as const;
export type Outcome = (typeof outcomes)[number];

/** What detections can count by. */
export const perKinds = ['address', 'caller', 'client', 'token', 'country'] as const;
export type PerKind = (typeof perKinds)[number];

export const distinctKinds = [
  'subjects',
  'coordinates',
  'addresses',
  'callers',
  'countries',
] as const;
export type DistinctKind = (typeof distinctKinds)[number];

/** What a record must match: every condition that is set, each by one of its entries. */
export interface Match {
  readonly reasons?: ReadonlySet<Reason>;
  readonly outcomes?: ReadonlySet<Outcome>;
  /** HTTP status codes, or classes of them by their first digit: 401, 4. */
  readonly statuses?: ReadonlySet<number>;
  /** Types of operations. */
  readonly operations?: ReadonlySet<string>;
  /** Coordinates that were refused. */
  readonly denied?: ReadonlySet<string>;
  /** Classes of coordinates that were refused. */
  readonly deniedClasses?: ReadonlySet<string>;
  /** Classes of values that were sent unmasked. */
  readonly classes?: ReadonlySet<string>;
  /** Classified coordinates whose values were sent unmasked. */
  readonly coordinates?: ReadonlySet<string>;
  readonly clients?: ReadonlySet<string>;
  readonly issuers?: ReadonlySet<string>;
  readonly countries?: ReadonlySet<string>;
  /** Named lists of networks. */
  readonly networks?: ReadonlySet<string>;
  /** Rates that were exhausted. */
  readonly rates?: ReadonlySet<string>;
  /** Upstreams with a failed call. */
  readonly upstreams?: ReadonlySet<string>;
  /** A second lock refused what the plan had let through. */
  readonly secondLock?: true;
}

/** What counting needs, wherever it is done. Plain data. */
export interface CountRule {
  /** Digest of the whole detection: one unchanged by a reload keeps its counts. */
  readonly id: string;
  readonly count: number;
  readonly windowMs: number;
  readonly quietMs: number;
  readonly isDistinct: boolean;
}

export interface Detection {
  readonly name: string;
  readonly title: string;
  readonly severity: Severity;
  readonly match: Match;
  readonly per: readonly PerKind[];
  readonly counts: 'requests' | 'records' | DistinctKind;
  readonly rule: CountRule;
}
