/** Limits the distinct fields of the operation, merged by response key; each alias counts. */
import { Refusal } from '../../decision.ts';
import { measureMerged } from '../merged-fields.ts';
import type { DocumentRule } from '../rule.ts';

export const height: DocumentRule = ({ operation, fragments, limits }) => {
  const bounds = { heightMax: limits.height, pairsMax: Number.POSITIVE_INFINITY };
  const found = measureMerged(operation.selectionSet, fragments, bounds);
  if (found.height <= limits.height) return undefined;
  return new Refusal('limits/too-high', { detail: `At most ${limits.height} different fields.` });
};
