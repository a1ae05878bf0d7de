/**
 * Limits the pairs of fields that validation must compare: all under one response key. A thousand
 * fields of one name would be half a million comparisons.
 */
import { invalid } from '../invalid.ts';
import { measureMerged } from '../merged-fields.ts';
import type { DocumentRule } from '../rule.ts';

/** No real client repeats fields this often; validation compares as many in a few milliseconds. */
const pairsMax = 50_000;

export const overlaps: DocumentRule = ({ operation, fragments, limits }) => {
  const bounds = { heightMax: limits.height, pairsMax };
  const found = measureMerged(operation.selectionSet, fragments, bounds);
  if (found.pairs <= pairsMax) return undefined;
  return invalid('Too many fields share their response names.');
};
