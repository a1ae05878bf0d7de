/** Limits the fields of an operation, fragments expanded. Stops exponential fragment expansion. */
import { Refusal } from '../../decision.ts';
import { add, measure } from '../measure.ts';
import type { DocumentRule } from '../rule.ts';

export const fields: DocumentRule = (context) => {
  const found = measure(context, {
    field: (_node, selected) => selected + 1,
    join: add,
  });
  if (found <= context.limits.fields) return undefined;
  return new Refusal('limits/too-many-fields', {
    detail: `At most ${context.limits.fields} fields.`,
  });
};
