/**
 * The longest chain of nested fields, leaf included; fragments add nothing. What introspection
 * nests is left out: it has a limit of its own.
 */
import type { OperationDefinitionNode } from 'graphql';
import { createMemo } from '../../caches/memo.ts';
import { Refusal } from '../../decision.ts';
import { isIntrospection, measure } from '../measure.ts';
import type { DocumentRule } from '../rule.ts';

/** Operations live as long as their documents are cached. */
const known = createMemo<OperationDefinitionNode, number>();

export const depth: DocumentRule = (context) => {
  const found = measure(context, {
    field: (_node, selected) => selected + 1,
    join: Math.max,
    opaque: isIntrospection,
  });
  known.set(context.operation, found);
  if (found <= context.limits.depth) return undefined;
  return new Refusal('limits/too-deep', { detail: `At most ${context.limits.depth} levels.` });
};

/** How deeply an operation is nested that the rule has seen; else undefined. */
export const depthOf = (operation: OperationDefinitionNode): number | undefined =>
  known.get(operation);
