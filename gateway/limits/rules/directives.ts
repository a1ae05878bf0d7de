/** Limits the directives of an operation in all positions, fragments expanded. */
import type { ASTNode } from 'graphql';
import { Refusal } from '../../decision.ts';
import { add, measure } from '../measure.ts';
import type { DocumentRule } from '../rule.ts';

export const directives: DocumentRule = (context) => {
  const { operation, fragments, limits } = context;
  const selected = measure(context, {
    field: (node, below) => below + directivesOf(node),
    fragment: (node, below) => {
      const name = 'name' in node ? node.name.value : undefined;
      return below + directivesOf(node) + directivesOf(name && fragments.get(name));
    },
    join: add,
  });
  const variables = operation.variableDefinitions ?? [];
  const found = variables.map(directivesOf).reduce(add, selected + directivesOf(operation));
  if (found <= limits.directives) return undefined;
  return new Refusal('limits/too-many-directives', { detail: `At most ${limits.directives}.` });
};

const directivesOf = (node: ASTNode | '' | undefined): number =>
  node !== undefined && node !== '' && 'directives' in node ? (node.directives?.length ?? 0) : 0;
