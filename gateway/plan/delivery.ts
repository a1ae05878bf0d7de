/** What an engine needs to turn results into the caller's answer, and the answer that it makes. */
import { type Egress, freeEgress } from './egress.ts';
import type { Judge } from './judge.ts';
import { Tally } from './tally.ts';

export interface Delivery {
  /** Results of the caller's introspection fields, by the plan's keys. */
  readonly introspection: Readonly<Record<string, unknown>>;
  /** Record budgets. */
  readonly egress: Egress;
  /** Counts the classified values that leave. */
  readonly tally: Tally;
  /** Decides at objects; undefined if the operation needs no such decision. */
  readonly judge: Judge | undefined;
}

/** The caller's answer: their keys in their order. */
export interface Projected {
  readonly data: Record<string, unknown> | null;
  /** FORBIDDEN, STEP_UP_REQUIRED and RATE_LIMITED at their paths, each as JSON. */
  readonly errors: readonly string[];
  /** Coordinates for which a masked value was delivered. */
  readonly masked: readonly string[];
}

export function createDelivery({
  introspection = nothing,
  egress = freeEgress,
  judge,
}: Partial<Omit<Delivery, 'tally'>> = {}): Delivery {
  return { introspection, egress, tally: new Tally(), judge };
}

const nothing: Delivery['introspection'] = Object.freeze({});
