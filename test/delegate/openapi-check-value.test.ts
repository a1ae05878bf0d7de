/** Which values fit a schema, and by which keyword the others do not: one row, one keyword. */
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { checkValue, isOfSchema } from '../../gateway/delegate/openapi/call/check-value.ts';
import { permittedValues } from '../../gateway/delegate/openapi/document/permitted-values.ts';
import type {
  JsonSchema,
  SchemaLike,
} from '../../gateway/delegate/openapi/document/schema-shape.ts';

const cat: JsonSchema = { type: 'object', required: ['meow'], properties: { meow: {} } };
const dog: JsonSchema = { type: 'object', required: ['bark'], properties: { bark: {} } };
const person: JsonSchema = {
  type: 'object',
  required: ['id', 'name', 'secret'],
  properties: {
    id: { type: 'string', readOnly: true },
    name: { type: 'string' },
    secret: { type: 'string', writeOnly: true },
  },
};

const idOrName: JsonSchema[] = [{ required: ['id'] }, { required: ['name'] }];

const cases: readonly { given: [SchemaLike, unknown]; expect: string | undefined }[] = [
  { given: [undefined, 1], expect: undefined },
  { given: [true, 1], expect: undefined },
  { given: [false, 1], expect: 'nothing is permitted' },
  { given: [{ type: 'string', nullable: true }, null], expect: undefined },
  { given: [{ type: 'string' }, null], expect: 'type' },
  // Nullable: what is no null is looked at all the same.
  { given: [{ type: 'string', nullable: true, maxLength: 1 }, 'ab'], expect: 'length' },
  { given: [{ type: ['string', 'null'], enum: ['a', null] }, 'b'], expect: 'enum' },
  { given: [{ type: ['string', 'integer'] }, 1], expect: undefined },
  { given: [{ type: ['string', 'integer'] }, 1.5], expect: 'type' },
  { given: [{ type: 'object' }, []], expect: 'type' },
  { given: [{ type: ['string', 'file'] }, 1], expect: undefined },
  { given: [{ const: { a: [1] } }, { a: [1] }], expect: undefined },
  { given: [{ const: { a: [1] } }, { a: [1, 2] }], expect: 'const' },
  { given: [{ const: { a: 1 } }, { a: 1, b: 1 }], expect: 'const' },
  { given: [{ enum: [[1, 2]] }, [1, 2]], expect: undefined },
  { given: [{ enum: [[1, 2]] }, [1, 3]], expect: 'enum' },
  { given: [{ enum: [[]] }, {}], expect: 'enum' },
  { given: [{ items: { type: 'string' } }, ['a', 1]], expect: 'type at /1' },
  { given: [{ minItems: 1 }, []], expect: 'number of items' },
  { given: [{ maxItems: 1 }, [1, 2]], expect: 'number of items' },
  { given: [{ uniqueItems: true }, [1, '1']], expect: undefined },
  { given: [{ uniqueItems: true }, [1, 1]], expect: 'uniqueItems' },
  { given: [{ uniqueItems: true }, [{ a: 1 }, { a: 2 }]], expect: undefined },
  { given: [{ uniqueItems: true }, [{ a: 1 }, { a: 1 }]], expect: 'uniqueItems' },
  { given: [{ uniqueItems: true }, [{ a: 1 }, 2, 2]], expect: 'uniqueItems' },
  { given: [{ minProperties: 1 }, {}], expect: 'number of properties' },
  { given: [{ maxProperties: 1 }, { a: 1, b: 1 }], expect: 'number of properties' },
  { given: [person, { name: 'Ada', secret: '' }], expect: undefined },
  { given: [person, { id: '1', name: 'Ada' }], expect: 'required secret' },
  { given: [{ properties: { a: { items: dog } } }, { a: [{}] }], expect: 'required bark at /a/0' },
  { given: [{ additionalProperties: { type: 'string' } }, { a: 1 }], expect: 'type at /*' },
  {
    given: [
      { properties: { a: {} }, additionalProperties: false },
      { a: 1, b: 1 },
    ],
    expect: 'a property that is not permitted',
  },
  {
    given: [{ patternProperties: { '^x': {} }, additionalProperties: false }, { x: 1 }],
    expect: undefined,
  },
  // Values beside a list are those of its items.
  { given: [{ type: 'array', enum: [1, 2], items: { type: 'string' } }, ['1']], expect: undefined },
  {
    given: [{ type: 'array', enum: [1, 2], items: { type: 'string' } }, ['1', '3']],
    expect: 'enum',
  },
  {
    given: [{ type: 'array', enum: ['a'], items: { enum: ['a', 'b'] } }, ['b']],
    expect: undefined,
  },
  { given: [{ type: 'array', enum: [['a']], items: {} }, ['a']], expect: undefined },
  { given: [{ type: 'array', enum: [['a']], items: {} }, ['b']], expect: 'enum' },
  { given: [{ allOf: [cat, dog] }, { meow: 1 }], expect: 'required bark' },
  {
    given: [{ allOf: [{ properties: person.properties ?? {} }, { required: ['id'] }] }, {}],
    expect: undefined,
  },
  {
    given: [{ allOf: [{ properties: person.properties ?? {} }, { required: ['name'] }] }, {}],
    expect: 'required name',
  },
  {
    given: [{ allOf: [{ properties: person.properties ?? {} }], required: ['id'] }, {}],
    expect: undefined,
  },
  // What is read-only is never given, and so tells alternatives apart.
  {
    given: [{ ...person, required: [], oneOf: idOrName }, { name: 'Ada' }],
    expect: undefined,
  },
  { given: [{ ...person, required: [], anyOf: idOrName }, {}], expect: 'anyOf' },
  { given: [{ ...person, required: [], not: { required: ['id'] } }, {}], expect: undefined },
  {
    given: [{ ...person, required: [], oneOf: [{ required: ['id', 'meow'], properties: {} }] }, {}],
    expect: 'oneOf',
  },
  {
    given: [
      { ...person, required: [], oneOf: [{ required: ['id', 'meow'], properties: {} }] },
      { meow: 1 },
    ],
    expect: undefined,
  },
  // Read-only beside it says nothing of a property of the same name further in.
  {
    given: [
      {
        allOf: [
          { properties: { id: { readOnly: true }, of: {} } },
          { properties: { of: { required: ['id'] } } },
        ],
      },
      { of: {} },
    ],
    expect: 'required id at /of',
  },
  { given: [{ allOf: [cat, dog] }, { meow: 1, bark: 1 }], expect: undefined },
  { given: [{ anyOf: [cat, dog] }, { bark: 1 }], expect: undefined },
  { given: [{ anyOf: [cat, dog] }, { meow: 1, bark: 1 }], expect: undefined },
  { given: [{ anyOf: [cat, dog] }, {}], expect: 'anyOf' },
  { given: [{ oneOf: [cat, dog] }, { bark: 1 }], expect: undefined },
  { given: [{ oneOf: [cat, dog] }, { meow: 1, bark: 1 }], expect: undefined },
  {
    given: [{ oneOf: [{ required: ['a'] }, { required: ['b'] }] }, { a: 1, b: 1 }],
    expect: 'oneOf',
  },
  { given: [{ oneOf: [cat, dog] }, {}], expect: 'oneOf' },
  {
    given: [
      { oneOf: [cat, dog], discriminator: 'kind' },
      { meow: 1, bark: 1 },
    ],
    expect: undefined,
  },
  { given: [{ oneOf: [cat, dog], discriminator: 'kind' }, {}], expect: 'oneOf' },
  { given: [{ not: cat }, { meow: 1 }], expect: 'not' },
  { given: [{ not: cat }, { bark: 1 }], expect: undefined },
  { given: [{ minimum: 1 }, 1], expect: undefined },
  { given: [{ minimum: 1 }, 0.9], expect: 'minimum' },
  { given: [{ maximum: 1 }, 1], expect: undefined },
  { given: [{ maximum: 1 }, 1.1], expect: 'maximum' },
  { given: [{ minimum: 1, exclusiveMinimum: true }, 1], expect: 'minimum' },
  { given: [{ maximum: 1, exclusiveMaximum: true }, 1], expect: 'maximum' },
  { given: [{ exclusiveMinimum: 1 }, 1], expect: 'exclusiveMinimum' },
  { given: [{ exclusiveMaximum: 1 }, 1], expect: 'exclusiveMaximum' },
  { given: [{ multipleOf: 0.1 }, 0.3], expect: undefined },
  { given: [{ multipleOf: 0.1 }, 0.35], expect: 'multipleOf' },
];

it.each(cases.map((one) => ({ ...one, name: JSON.stringify(one.given) })))(
  '$name',
  ({ given: [schema, value], expect: found }) => {
    expect(checkValue(schema, value)).toBe(found);
  },
);

describe('an answer', () => {
  it('is told apart by types, enums and what it requires', () => {
    expect(isOfSchema(person, { id: '1', name: 'Ada' })).toBe(true);
    expect(isOfSchema(person, { name: 'Ada', secret: '' })).toBe(false);
    expect(isOfSchema({ properties: { id: { type: 'string' } } }, { id: 1 })).toBe(false);
    expect(isOfSchema({ enum: ['a'] }, 'b')).toBe(false);
    expect(isOfSchema({ oneOf: [cat, dog] }, { meow: 1, bark: 1 })).toBe(false);
  });

  it('is not measured', () => {
    const measured = { maxLength: 1, maximum: 1, maxItems: 1, uniqueItems: true, maxProperties: 1 };
    for (const value of ['ab', 2, [1, 1], { a: 1, b: 1 }]) {
      expect(isOfSchema(measured, value)).toBe(true);
    }
  });
});

describe('what takes too long is refused', () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => n);

  it('a long list', () => {
    expect(checkValue({ items: {} }, many(99_000))).toBeUndefined();
    expect(checkValue({ items: {} }, many(101_000))).toBe('more than can be checked');
  });

  it('objects that must differ', () => {
    const unlike = (count: number) => many(count).map((n) => ({ n }));
    expect(checkValue({ uniqueItems: true }, unlike(400))).toBeUndefined();
    expect(checkValue({ uniqueItems: true }, unlike(500))).toBe('more than can be checked');
  });

  it('also where `not` would turn it into a yes', () => {
    expect(checkValue({ not: { items: {} } }, many(101_000))).toBe('more than can be checked');
  });
});

/** Without null, which documents permit in more ways than JSON Schema has. */
function anySchema(depth: number): fc.Arbitrary<object> {
  const leaf = {
    type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'array', 'object'),
    enum: fc.constantFrom([1, 'a'], [[1], { a: 1 }], ['', true]),
    required: fc.constantFrom(['a'], ['b']),
    minItems: fc.nat(2),
    maxProperties: fc.nat(2),
    maxLength: fc.nat(2),
    exclusiveMaximum: fc.integer({ min: -2, max: 2 }),
    uniqueItems: fc.boolean(),
  };
  if (depth === 0) return fc.record(leaf, { requiredKeys: [] });
  const inner = anySchema(depth - 1);
  const list = fc.array(inner, { minLength: 1, maxLength: 2 });
  const branch = {
    properties: fc.record({ a: inner }),
    additionalProperties: fc.oneof(fc.boolean(), inner),
    items: inner,
    not: inner,
    ...{ allOf: list, anyOf: list, oneOf: list },
  };
  return fc.record({ ...leaf, ...branch }, { requiredKeys: [] });
}

/** Keys of its own: what Ajv compares by is broken by keys such as `toString`. */
function anyValue(depth: number): fc.Arbitrary<unknown> {
  const leaf = fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.integer({ min: -3, max: 3 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(null, true, false, '', 'a'),
  );
  if (depth === 0) return leaf;
  const inner = anyValue(depth - 1);
  const keys = fc.constantFrom('a', 'b', 'c');
  return fc.oneof(
    leaf,
    fc.array(inner, { maxLength: 3 }),
    fc.dictionary(keys, inner, { maxKeys: 3 }),
  );
}

/** The same in the terms of another validator: alternatives overlap, and values have the type. */
function strictly(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strictly);
  if (typeof schema !== 'object' || schema === null) return schema;
  const { oneOf, enum: values, ...rest } = schema as Record<string, unknown>;
  const inner = Object.fromEntries(Object.entries(rest).map(([key, one]) => [key, strictly(one)]));
  const typed = values === undefined ? {} : { enum: permittedValues(schema) };
  if (!Array.isArray(oneOf)) return { ...inner, ...(typed.enum && typed) };
  const constrains = oneOf.every((one) =>
    Object.keys(one).every((key) => /^(required|not)$/.test(key)),
  );
  const alternatives = { [constrains ? 'oneOf' : 'anyOf']: strictly(oneOf) };
  return {
    ...inner,
    ...(typed.enum && typed),
    allOf: [...((inner.allOf as []) ?? []), alternatives],
  };
}

test('a body of many objects lists what describes them once in all', () => {
  let listed = 0;
  const names = Array.from({ length: 20 }, (_, at) => `a${at}`);
  const properties = new Proxy(
    Object.fromEntries(names.map((name) => [name, { readOnly: true }])),
    {
      ownKeys(target) {
        listed += 1;
        return Reflect.ownKeys(target);
      },
    },
  );
  const items = { allOf: [{ required: names }, { properties }] };
  expect(checkValue({ items }, [{}, {}, {}])).toBeUndefined();
  expect(listed).toBe(1);
});

test('what fits is what another validator takes', () => {
  const ajv = new Ajv({ strict: false });
  fc.assert(
    fc.property(anySchema(2), anyValue(2), (schema, value) => {
      expect(checkValue(schema as JsonSchema, value) === undefined).toBe(
        ajv.compile(strictly(schema) as object)(value),
      );
    }),
  );
});
