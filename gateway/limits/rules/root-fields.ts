/** Different response keys under the root, those in fragments included: what would be started. */
import { Refusal } from '../../decision.ts';
import { mergeFields } from '../merged-fields.ts';
import type { DocumentRule } from '../rule.ts';

export const rootFields: DocumentRule = ({ operation, fragments, limits }) => {
  const found = mergeFields([operation.selectionSet], fragments).byKey.size;
  if (found <= limits.rootFields) return undefined;
  return new Refusal('limits/too-many-root-fields', { detail: `At most ${limits.rootFields}.` });
};
