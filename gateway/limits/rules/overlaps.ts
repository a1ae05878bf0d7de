/**
 * How many pairs of fields validation would have to compare: all that share a response key. A
 * thousand fields of one name would be half a million comparisons.
 */
import { invalid } from '../invalid.ts';
import { measureMerged } from '../merged-fields.ts';
import type { DocumentRule } from '../rule.ts';

/** No client repeats a field this often; validation compares as many in a few milliseconds. */
const pairsMax = 50_000;

export const overlaps: DocumentRule = ({ operation, fragments, limits }) => {
  const bounds = { heightMax: limits.height, pairsMax };
  const found = measureMerged(operation.selectionSet, fragments, bounds);
  if (found.pairs <= pairsMax) return undefined;
  return invalid('Too many fields share their response names.');
};
