/** A parameter's check made once says what the general one says each time. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkValue, compileCheck } from '../../gateway/delegate/openapi/call/check-value.ts';
import type { JsonSchema } from '../../gateway/delegate/openapi/document/schema-shape.ts';

const schemas: fc.Arbitrary<JsonSchema | boolean | undefined> = fc.oneof(
  fc.constantFrom(undefined, true, false, {}),
  fc.record(
    {
      type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'array', 'object', 'other'),
      description: fc.string(),
      nullable: fc.boolean(),
      minLength: fc.integer({ min: 0, max: 3 }),
      maximum: fc.integer({ min: -2, max: 2 }),
      format: fc.constantFrom('date', 'uuid', 'int32'),
      enum: fc.array(fc.jsonValue(), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<JsonSchema>,
);

test('whatever schema and value', () => {
  fc.assert(
    fc.property(schemas, fc.jsonValue({ maxDepth: 1 }), (schema, value) => {
      expect(compileCheck(schema)(value)).toBe(checkValue(schema, value));
    }),
    { numRuns: 2_000 },
  );
});
