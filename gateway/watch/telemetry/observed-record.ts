/**
 * The one place that says what telemetry reads of a closed record beyond what every record has.
 * A record without these is counted by its verdicts alone.
 */
import type { RequestRecord } from '../../request.ts';

/** Values of one coordinate that left. */
export interface Delivery {
  readonly coordinate: string;
  readonly classes: readonly string[];
  /** Values that left, masked ones among them. */
  readonly count: number;
  readonly masked: number;
  readonly rule: string;
}

/** A coordinate that was refused. */
export interface Denial {
  readonly coordinate: string;
  readonly rule: string | undefined;
  readonly classes: readonly string[];
}

export type ObservedRecord = RequestRecord & {
  readonly delivered?: readonly Delivery[];
  readonly denials?: readonly Denial[];
};
