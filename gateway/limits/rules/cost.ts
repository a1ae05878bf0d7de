/** The operation costs no more than this with the variables it came with. */
import { Refusal } from '../../decision.ts';
import type { EstimateRule } from '../rule.ts';

export const cost: EstimateRule = (estimate, limits) => {
  if (estimate.cost <= limits.cost) return undefined;
  const known = Number.isFinite(estimate.cost) ? `It costs ${estimate.cost}; at most` : 'At most';
  return new Refusal('limits/too-costly', { detail: `${known} ${limits.cost}.` });
};
