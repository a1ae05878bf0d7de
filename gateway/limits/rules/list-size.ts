/**
 * Limits the entries asked of a list, by literal or variable; assumed sizes only add to the cost.
 */
import { Refusal } from '../../decision.ts';
import type { EstimateRule } from '../rule.ts';

export const listSize: EstimateRule = ({ lists }, limits) => {
  for (const [coordinate, asked] of lists) {
    if (asked <= limits.listSize) continue;
    const detail = `At most ${limits.listSize}.`;
    return new Refusal('limits/list-too-large', { detail, coordinates: [coordinate] });
  }
  return undefined;
};
