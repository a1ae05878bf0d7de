/**
 * Limits the longest chain of nested fields under `__schema` or `__type`, that field included.
 * Complements graphql-js's own bound, which counts only four lists.
 */
import { Refusal } from '../../decision.ts';
import { isIntrospection, measure } from '../measure.ts';
import type { DocumentRule } from '../rule.ts';

export const introspectionDepth: DocumentRule = (context) => {
  const { operation, limits } = context;
  const chain = { field: (_node: unknown, selected: number) => selected + 1, join: Math.max };
  let found = 0;
  const below = (selectionSet: typeof operation.selectionSet): number =>
    measure({ ...context, operation: { ...operation, selectionSet } }, chain);
  measure(context, {
    field: (node) => {
      if (isIntrospection(node) && node.selectionSet !== undefined) {
        found = Math.max(found, 1 + below(node.selectionSet));
      }
      return 0;
    },
    join: Math.max,
    opaque: isIntrospection,
  });
  if (found <= limits.introspectionDepth) return undefined;
  return new Refusal('limits/introspection-too-deep', {
    detail: `At most ${limits.introspectionDepth} levels.`,
  });
};
