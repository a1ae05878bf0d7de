/** Limits the estimated cost of the operation with its variables. */
import { Refusal } from '../../decision.ts';
import type { EstimateRule } from '../rule.ts';

export const cost: EstimateRule = (estimate, limits) => {
  if (estimate.cost <= limits.cost) return undefined;
  const prefix = Number.isFinite(estimate.cost) ? `It costs ${estimate.cost}; at most` : 'At most';
  return new Refusal('limits/too-costly', { detail: `${prefix} ${limits.cost}.` });
};
