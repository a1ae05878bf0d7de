/**
 * Random JSON Schemas as OpenAPI documents have them, each with an arbitrary for its instances
 * and one for values that have its types alone, whatever its constraints say.
 */
import fc from 'fast-check';

export type Schema = Record<string, unknown>;

export interface Generated {
  schema: Schema;
  /** Valid by the schema. */
  instance: fc.Arbitrary<unknown>;
  /** Of the schema's types and enums, with lengths and bounds left aside. */
  loose: fc.Arbitrary<unknown>;
}

const names = [
  ...['name', 'first-name', 'firstName', 'first.name', 'tax id', '2fa', '__proto__', 'constructor'],
  ...['$ref', 'properties', 'type', 'fg1_x', '__typename', 'a/b', 'ß', 'additionalProperties'],
];
const values = ['ok', 'on-leave', 'on leave', '', 'true', '2nd', 'ok ', 7, -7, 1.5];

const text = fc.string({ unit: 'grapheme-composite', maxLength: 12 });
const int32 = fc.integer({ min: -2_147_483_648, max: 2_147_483_647 });
const float = fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n));
const date = fc
  .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
  .map((one) => one.toISOString());

function fixed(schema: Schema, instance: fc.Arbitrary<unknown>, loose = instance): Generated {
  return { schema, instance, loose };
}

/** A schema with one value for it, printed without the arbitraries. */
export interface Case {
  generated: Generated;
  value: unknown;
}

export function casesOf(
  schemas: fc.Arbitrary<Generated>,
  pick: 'instance' | 'loose',
): fc.Arbitrary<Case> {
  return schemas.chain((generated) =>
    generated[pick].map((value) => ({
      generated,
      value,
      [fc.toStringMethod]: () => JSON.stringify({ schema: generated.schema, value }),
    })),
  );
}

const leaf: fc.Arbitrary<Generated> = fc.oneof(
  fc.constant(fixed({ type: 'string' }, text)),
  fc
    .tuple(fc.nat(4), fc.nat(8))
    .map(([least, more]) =>
      fixed(
        { type: 'string', minLength: least, maxLength: least + more },
        fc.stringMatching(new RegExp(`^[a-z]{${least},${least + more}}$`)),
        text,
      ),
    ),
  fc
    .constantFrom('^[A-Z]{2}\\d{2,4}$', '^(?:a|bc)+-x?$', '^\\w+@\\w+\\.(com|org)$', '^(x+x+)+y$')
    .map((pattern) =>
      fixed({ type: 'string', pattern }, fc.stringMatching(new RegExp(pattern)), text),
    ),
  fc.constant(fixed({ type: 'string', format: 'date-time' }, date, text)),
  fc.constant(
    fixed(
      { type: 'string', format: 'date' },
      date.map((one) => one.slice(0, 10)),
      text,
    ),
  ),
  fc.constant(fixed({ type: 'string', format: 'uuid' }, fc.uuid(), text)),
  fc.constant(fixed({ type: 'integer' }, int32)),
  fc.tuple(int32, fc.nat(1000)).map(([least, more]) => {
    const maximum = Math.min(least + more, 2_147_483_647);
    return fixed(
      { type: 'integer', minimum: least, maximum },
      fc.integer({ min: least, max: maximum }),
      int32,
    );
  }),
  fc.constantFrom(2, 5, 10).map((multipleOf) =>
    fixed(
      { type: 'integer', multipleOf },
      fc.integer({ min: -1000, max: 1000 }).map((n) => n * multipleOf),
      int32,
    ),
  ),
  fc.constant(fixed({ type: 'integer', format: 'int64' }, fc.maxSafeInteger())),
  fc.constant(fixed({ type: 'number' }, float)),
  fc.constant(
    fixed(
      { type: 'number', exclusiveMinimum: 0 },
      fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
      float,
    ),
  ),
  fc.constant(fixed({ type: 'boolean' }, fc.boolean())),
  fc
    .uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 5 })
    .map((all) => fixed({ enum: all }, fc.constantFrom(...all))),
);

/** The spellings of null: 3.0's, 3.1's, and an alternative. */
function nullable({ schema, instance, loose }: Generated, spelling: number): Generated {
  const spelled: Schema[] = [
    {
      ...schema,
      nullable: true,
      ...('enum' in schema ? { enum: [...(schema.enum as []), null] } : {}),
    },
    typeof schema.type === 'string'
      ? { ...schema, type: [schema.type, 'null'] }
      : { oneOf: [schema, { type: 'null' }] },
    { anyOf: [{ type: 'null' }, schema] },
  ];
  const withNull = (one: fc.Arbitrary<unknown>) => fc.option(one, { nil: null });
  return {
    schema: spelled[spelling] ?? schema,
    instance: withNull(instance),
    loose: withNull(loose),
  };
}

interface Property {
  name: string;
  required: boolean;
  of: Generated;
}

function toObject(properties: readonly Property[], more: Schema = {}): Generated {
  const record = (pick: (one: Generated) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
    fc
      .tuple(
        ...properties.map(({ of, required }) =>
          required ? pick(of).map(given) : fc.option(pick(of).map(given)),
        ),
      )
      .map((all) =>
        Object.fromEntries(
          all.flatMap((one, at) => (one === null ? [] : [[properties[at]?.name ?? '', one.value]])),
        ),
      );
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(properties.map(({ name, of }) => [name, of.schema])),
      required: properties.filter(({ required }) => required).map(({ name }) => name),
      ...more,
    },
    instance: record(({ instance }) => instance),
    loose: record(({ loose }) => loose),
  };
}

const given = (value: unknown): { value: unknown } => ({ value });

function properties(of: fc.Arbitrary<Generated>, maxLength = 5): fc.Arbitrary<Property[]> {
  return fc.uniqueArray(
    fc.record({ name: fc.constantFrom(...names), required: fc.boolean(), of }),
    { selector: ({ name }) => name, minLength: 1, maxLength },
  );
}

const extraKeys = fc.stringMatching(/^extra-[a-z]{1,4}$/);

/** Further properties, all of one scalar schema. */
function open(object: Generated, rest: Generated): Generated {
  const withRest = (one: fc.Arbitrary<unknown>, more: fc.Arbitrary<unknown>) =>
    fc
      .tuple(one, fc.dictionary(extraKeys, more, { maxKeys: 3, noNullPrototype: true }))
      .map(([own, others]) => ({
        ...(own as object),
        ...others,
      }));
  return {
    schema: { ...object.schema, additionalProperties: rest.schema },
    instance: withRest(object.instance, rest.instance),
    loose: withRest(object.loose, rest.loose),
  };
}

/** Objects told apart by a constant, with the keyword or without. */
function union(alternatives: readonly Property[][], word: string, isNamed: boolean): Generated {
  const all = alternatives.map((each, at) => {
    const of = fixed({ enum: [`kind-${at}`] }, fc.constant(`kind-${at}`));
    const rest = each.filter(({ name }) => name !== 'kind');
    return toObject([{ name: 'kind', required: true, of }, ...rest], {
      title: `alternative ${at}`,
    });
  });
  return {
    schema: {
      [word]: all.map(({ schema }) => schema),
      ...(isNamed ? { discriminator: { propertyName: 'kind' } } : {}),
    },
    instance: fc.oneof(...all.map(({ instance }) => instance)),
    loose: fc.oneof(...all.map(({ loose }) => loose)),
  };
}

/** An object in two parts: no name in both. */
function allOf(all: readonly Property[]): Generated {
  const whole = toObject(all);
  const half = Math.ceil(all.length / 2);
  const parts = [all.slice(0, half), all.slice(half)].filter((part) => part.length > 0);
  return { ...whole, schema: { allOf: parts.map((part) => toObject(part).schema) } };
}

function list(of: Generated, maxItems: number): Generated {
  return {
    schema: { type: 'array', items: of.schema, maxItems },
    instance: fc.array(of.instance, { maxLength: maxItems }),
    loose: fc.array(of.loose, { maxLength: 6 }),
  };
}

function map(of: Generated): Generated {
  const dictionary = (one: fc.Arbitrary<unknown>) =>
    fc.dictionary(extraKeys, one, { maxKeys: 3, noNullPrototype: true });
  return {
    schema: { type: 'object', additionalProperties: of.schema },
    instance: dictionary(of.instance),
    loose: dictionary(of.loose),
  };
}

function anySchema(depth: number): fc.Arbitrary<Generated> {
  if (depth === 0) return leaf;
  const below = anySchema(depth - 1);
  const plain = fc.oneof(
    { arbitrary: leaf, weight: 4 },
    { arbitrary: anyObject(depth), weight: 3 },
    {
      arbitrary: fc
        .tuple(below, fc.integer({ min: 1, max: 5 }))
        .map(([of, most]) => list(of, most)),
      weight: 2,
    },
    { arbitrary: leaf.map(map), weight: 1 },
  );
  return fc
    .tuple(plain, fc.option(fc.nat(2)))
    .map(([one, spelling]) => (spelling === null ? one : nullable(one, spelling)));
}

/** An object, an open one, one in parts, or one of several. */
export function anyObject(depth: number): fc.Arbitrary<Generated> {
  const below = anySchema(depth - 1);
  const own = properties(below);
  return fc.oneof(
    { arbitrary: own.map((all) => toObject(all)), weight: 4 },
    { arbitrary: own.map(allOf), weight: 1 },
    { arbitrary: fc.tuple(own, leaf).map(([all, rest]) => open(toObject(all), rest)), weight: 1 },
    {
      arbitrary: fc
        .tuple(
          fc.array(properties(below, 3), { minLength: 2, maxLength: 3 }),
          fc.constantFrom('oneOf', 'anyOf'),
          fc.boolean(),
        )
        .map(([all, word, isNamed]) => union(all, word, isNamed)),
      weight: 1,
    },
  );
}
