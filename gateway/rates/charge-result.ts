/** What charging comes to: who is told what, and what is given back. */
import type { Refusal } from '../decision.ts';
import type { Egress } from '../plan/egress.ts';
import type { CompiledRate } from './rate.ts';
import type { RateFields } from './rate-fields.ts';
import type { Charge } from './store.ts';

export interface Line {
  readonly rate: CompiledRate;
  readonly charge: Charge;
}

export interface TriedRate extends ChargedRate {
  /** Of the operation, those that it counts; none where it counts requests of any kind. */
  readonly coordinates: readonly string[];
}

export interface ChargedRate {
  readonly rate: string;
  readonly amount: number;
  readonly remaining: number;
  readonly limit: number;
  /** It refused what was to be charged. */
  readonly exhausted: boolean;
}

export interface ChargeResult {
  readonly refusal: Refusal | undefined;
  /** What the caller is told, refused or not. */
  readonly fields: RateFields;
  readonly charged: readonly ChargedRate[];
  /** Rates on trial: what they counted, and whether they would have refused. Absent: none counted. */
  readonly tried?: readonly TriedRate[];
  /** Decided by this instance's share alone. */
  readonly local: boolean;
  readonly egress: Egress;
  /** Returns what was reserved and did not leave. Once. */
  settle(): void;
}
