/**
 * The document rules, in the order they run; the first refusal ends the check. `fragmentCycle`
 * guarantees that the others terminate, `fields` bounds those that expand fragments.
 */
import type { DocumentRule, EstimateRule } from './rule.ts';
import { aliases } from './rules/aliases.ts';
import { cost } from './rules/cost.ts';
import { depth } from './rules/depth.ts';
import { directives } from './rules/directives.ts';
import { fields } from './rules/fields.ts';
import { fragmentCycle } from './rules/fragment-cycle.ts';
import { height } from './rules/height.ts';
import { introspectionDepth } from './rules/introspection-depth.ts';
import { listSize } from './rules/list-size.ts';
import { overlaps } from './rules/overlaps.ts';
import { rootFields } from './rules/root-fields.ts';

export const documentRules: readonly DocumentRule[] = Object.freeze([
  fragmentCycle,
  depth,
  introspectionDepth,
  fields,
  aliases,
  directives,
  rootFields,
  height,
  overlaps,
]);

/** Run per request, after variables are coerced. */
export const estimateRules: readonly EstimateRule[] = Object.freeze([listSize, cost]);
