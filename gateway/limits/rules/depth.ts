/**
 * The longest chain of nested fields, leaf included; fragments add nothing. What introspection
 * nests is left out: it has a limit of its own.
 */
import { Refusal } from '../../decision.ts';
import { isIntrospection, measure } from '../measure.ts';
import type { DocumentRule } from '../rule.ts';

export const depth: DocumentRule = (context) => {
  const found = measure(context, {
    field: (_node, selected) => selected + 1,
    join: Math.max,
    opaque: isIntrospection,
  });
  if (found <= context.limits.depth) return undefined;
  return new Refusal('limits/too-deep', { detail: `At most ${context.limits.depth} levels.` });
};
