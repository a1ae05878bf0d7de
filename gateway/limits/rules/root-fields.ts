/**
 * Limits the distinct response keys of the root, fragments included: each starts work of its own.
 */
import { Refusal } from '../../decision.ts';
import { mergeFields } from '../merged-fields.ts';
import type { DocumentRule } from '../rule.ts';

export const rootFields: DocumentRule = ({ operation, fragments, limits }) => {
  const found = mergeFields([operation.selectionSet], fragments).byKey.size;
  if (found <= limits.rootFields) return undefined;
  return new Refusal('limits/too-many-root-fields', { detail: `At most ${limits.rootFields}.` });
};
