/**
 * Limits uses of aliases, fragments expanded. Stops an attacker from repeating one field past its
 * rate.
 */
import { Refusal } from '../../decision.ts';
import { add, measure } from '../measure.ts';
import type { DocumentRule } from '../rule.ts';

export const aliases: DocumentRule = (context) => {
  const found = measure(context, {
    field: (node, selected) => selected + (node.alias === undefined ? 0 : 1),
    join: add,
  });
  if (found <= context.limits.aliases) return undefined;
  return new Refusal('limits/too-many-aliases', { detail: `At most ${context.limits.aliases}.` });
};
