/**
 * `otherwise` as JSON Schema, for editors: what access-otherwise.ts accepts, except for the order.
 */
import { masks, otherwiseEntriesMax, outcomes } from './access-otherwise.ts';

/** Refers to conditions as `#/$defs/condition`. */
export const otherwiseJsonSchema: Readonly<Record<string, unknown>> = {
  description: 'masks in order, then what those get who have none',
  type: 'array',
  minItems: 1,
  maxItems: otherwiseEntriesMax,
  items: {
    anyOf: [
      { enum: outcomes },
      {
        type: 'object',
        additionalProperties: false,
        required: ['mask', 'allow'],
        properties: { mask: { enum: masks }, allow: { $ref: '#/$defs/condition' } },
      },
    ],
  },
};
