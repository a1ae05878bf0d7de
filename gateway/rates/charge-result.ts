/** The result of charging: refusal, header fields, and what may be returned. */
import type { Refusal } from '../decision.ts';
import type { Egress } from '../plan/egress.ts';
import type { CompiledRate } from './rate.ts';
import type { RateFields } from './rate-fields.ts';
import type { Charge } from './store.ts';

export interface Line {
  readonly rate: CompiledRate;
  readonly charge: Charge;
}

export interface ShadowedRate extends ChargedRate {
  /** Coordinates of the operation that it counts; empty if it counts whole requests. */
  readonly coordinates: readonly string[];
}

export interface ChargedRate {
  readonly rate: string;
  readonly amount: number;
  readonly remaining: number;
  readonly limit: number;
  /** Set if it refused the charge. */
  readonly exhausted: boolean;
}

export interface ChargeResult {
  readonly refusal: Refusal | undefined;
  /** Header fields for the caller, refused or not. */
  readonly fields: RateFields;
  readonly charged: readonly ChargedRate[];
  /**
   * Counts of rates in shadow mode, and whether they would have refused. Absent if there are none.
   */
  readonly shadowed?: readonly ShadowedRate[];
  /** Decided by this instance's share alone. */
  readonly local: boolean;
  readonly egress: Egress;
  /** Returns what was reserved and did not leave. Effective once. */
  settle(): void;
}
