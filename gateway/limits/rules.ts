/**
 * The document rules, in the order they run. The first refusal ends it. `fragmentCycle` makes the
 * others finish, `fields` makes those that expand fragments cheap.
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

/** Asked per request, once variables are coerced. */
export const estimateRules: readonly EstimateRule[] = Object.freeze([listSize, cost]);
