/**
 * Limits the longest chain of nested fields, leaf included; fragments add no level. Introspection
 * has a limit of its own and is left out.
 */
import type { OperationDefinitionNode } from 'graphql';
import { createMemo } from '../../caches/memo.ts';
import { Refusal } from '../../decision.ts';
import { isIntrospection, measure } from '../measure.ts';
import type { DocumentRule } from '../rule.ts';

/** Cached on the operation, and so for as long as its document is cached. */
const depths = createMemo<OperationDefinitionNode, number>();

export const depth: DocumentRule = (context) => {
  const found = measure(context, {
    field: (_node, selected) => selected + 1,
    join: Math.max,
    opaque: isIntrospection,
  });
  depths.set(context.operation, found);
  if (found <= context.limits.depth) return undefined;
  return new Refusal('limits/too-deep', { detail: `At most ${context.limits.depth} levels.` });
};

/** The depth of an operation that the rule has measured; undefined for any other. */
export const depthOf = (operation: OperationDefinitionNode): number | undefined =>
  depths.get(operation);
