/**
 * Whatever schema a document has, its valid instances come out as they came, and what is sent is
 * valid by it: instances go out as they were given, and values that only have the right types are
 * refused or valid. `FUZZ_RUNS` sets the number of schemas; fast-check prints the seed.
 */
import { Ajv } from 'ajv';
import { default as addFormats } from 'ajv-formats';
import fc from 'fast-check';
import {
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { expect, test } from 'vitest';
import { readingOf } from '../../gateway/delegate/openapi/call/answer-shape.ts';
import { translateOpenApi } from '../../gateway/delegate/openapi/translate-openapi.ts';
import { answering, json, run, toDocument } from '../delegate/openapi-rig.ts';
import { anyObject, casesOf, type Generated, type Schema } from '../support/json-schemas.ts';

const numRuns = Number(process.env.FUZZ_RUNS ?? 80);
const schemas = anyObject(3);

function documentOf({ schema }: Generated) {
  const requestBody = { required: true, content: { 'application/json': { schema } } };
  return toDocument({
    '/thing': { get: answering(schema), post: answering({ type: 'boolean' }, { requestBody }) },
  });
}

function translate(generated: Generated): GraphQLSchema {
  const document = documentOf(generated);
  const { schema, report } = translateOpenApi({ upstream: 'u', document, operations: 'all' });
  expect(report.filter(({ lost }) => lost)).toEqual([]);
  return schema;
}

function fieldOf(schema: GraphQLSchema, root: 'Query' | 'Mutation', name: string) {
  const field = (root === 'Query' ? schema.getQueryType() : schema.getMutationType())?.getFields()[
    name
  ];
  if (field === undefined) throw new Error(`there is no ${root}.${name}`);
  return field;
}

/** A selection of everything; aliases keep fields of several types apart. */
function selectionOf(type: GraphQLOutputType): string {
  const named = getNamedType(type);
  if (isUnionType(named)) {
    const parts = named.getTypes().map((one) => `... on ${one.name} ${selectionOf(one)}`);
    return `{ __typename ${parts.join(' ')} }`;
  }
  if (!isObjectType(named)) return '';
  const fields = Object.values(named.getFields()).map(
    (field) => `fg_${named.name}_${field.name}: ${field.name} ${selectionOf(field.type)}`,
  );
  return `{ __typename ${fields.join(' ')} }`;
}

/** The JSON that an answer stands for: wire names and values again, nulls of absent ones left out. */
function toWire(schema: GraphQLSchema, type: GraphQLOutputType, value: unknown): unknown {
  const nullable = getNullableType(type);
  if (value === null || value === undefined) return null;
  if (isListType(nullable))
    return (value as unknown[]).map((one) => toWire(schema, nullable.ofType, one));
  if (isEnumType(nullable)) return nullable.getValue(String(value))?.value;
  const data = value as Record<string, unknown>;
  const named = isUnionType(nullable) ? schema.getType(String(data.__typename)) : nullable;
  if (!isObjectType(named)) return value;
  return Object.fromEntries(
    Object.values(named.getFields()).flatMap((field) => {
      const wire = readingOf(field)?.wire;
      const own = toWire(schema, field.type, data[`fg_${named.name}_${field.name}`]);
      if (wire === undefined) return Object.entries(Object(own));
      return own === null ? [] : [[wire, own]];
    }),
  );
}

/** The graph cannot tell null from absent; lists and further properties can. */
function withoutNulls(schema: Schema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = alternativesOf(schema).find(({ items }) => items !== undefined)?.items;
    return value.map((one) => (one === null ? null : withoutNulls((items ?? {}) as Schema, one)));
  }
  if (typeof value !== 'object' || value === null) return value;
  const known = new Map(
    alternativesOf(schema)
      .filter((one) => isOfKind(one, value))
      .flatMap(({ properties }) => Object.entries(Object(properties))),
  );
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, one]) => one !== null || !known.has(name))
      .map(([name, one]) => [
        name,
        known.has(name) ? withoutNulls(known.get(name) as Schema, one) : one,
      ]),
  );
}

/** Alternatives give one property different schemas; generated ones are told apart by `kind`. */
function isOfKind({ properties }: Schema, value: object): boolean {
  const { enum: kinds } = Object(Object(properties).kind) as { enum?: unknown[] };
  return kinds?.includes(Reflect.get(value, 'kind')) !== false;
}

function alternativesOf(schema: Schema): Schema[] {
  const parts = [schema.oneOf, schema.anyOf, schema.allOf].flatMap(
    (each) => (each ?? []) as Schema[],
  );
  return [schema, ...parts.flatMap(alternativesOf)];
}

test('valid instances are read as they came', async () => {
  const cases = casesOf(schemas, 'instance');
  await fc.assert(
    fc.asyncProperty(cases, async ({ generated, value: instance }) => {
      const schema = translate(generated);
      const { type } = fieldOf(schema, 'Query', 'thing');
      const { data, failures } = await run({
        document: documentOf(generated),
        query: `{ thing ${selectionOf(type)} }`,
        answer: json(instance),
      });
      expect(failures).toEqual([]);
      const came = toWire(schema, type, (data as Record<string, unknown>).thing);
      expect(came).toEqual(withoutNulls(generated.schema, instance));
    }),
    { numRuns },
  );
});

/** A value under the graph's names; the wire name of a field is in its extensions. */
function toInput(type: GraphQLInputType, value: unknown): unknown {
  const nullable = getNullableType(type);
  if (value === null) return null;
  if (isListType(nullable)) return (value as unknown[]).map((one) => toInput(nullable.ofType, one));
  if (isEnumType(nullable)) return nullable.getValues().find((one) => one.value === value)?.name;
  if (!isInputObjectType(nullable)) return value;
  const fields = Object.values(nullable.getFields());
  const data = value as Record<string, unknown>;
  if (nullable.description === 'Exactly one of these.') {
    const at = String(data.kind).slice('kind-'.length);
    const field = fields[Number(at)];
    return field === undefined ? {} : { [field.name]: toInput(field.type, value) };
  }
  const named = fields.filter((field) => field.extensions.wireName !== undefined);
  const wires = new Set(named.map((field) => field.extensions.wireName));
  const own = named.flatMap((field) => {
    const wire = String(field.extensions.wireName);
    return Object.hasOwn(data, wire) ? [[field.name, toInput(field.type, data[wire])]] : [];
  });
  const rest = Object.entries(data).filter(([wire]) => !wires.has(wire));
  const open = fields.find((field) => field.extensions.wireName === undefined);
  return Object.fromEntries(
    open === undefined || rest.length === 0 ? own : [...own, [open.name, Object.fromEntries(rest)]],
  );
}

async function send(generated: Generated, value: unknown) {
  const schema = translate(generated);
  const [argument] = fieldOf(schema, 'Mutation', 'postThing').args;
  if (argument === undefined) throw new Error('there is no body');
  const { sent, failures } = await run({
    document: documentOf(generated),
    query: `mutation ($input: ${String(argument.type)}) { postThing(input: $input) }`,
    variables: { input: toInput(argument.type, value) },
    answer: json(true),
  });
  return { body: sent[0]?.body, failures };
}

/** 3.0's `nullable` as 3.1 says it: ajv knows it only beside a type. */
function inWordsOf31(schema: Schema): Schema {
  const { nullable, properties, ...rest } = schema;
  const own: Schema = Object.fromEntries(
    Object.entries(rest).map(([word, part]) => {
      if (['oneOf', 'anyOf', 'allOf'].includes(word))
        return [word, (part as Schema[]).map(inWordsOf31)];
      const isSchema = word === 'items' || word === 'additionalProperties';
      return [word, isSchema ? inWordsOf31(part as Schema) : part];
    }),
  );
  const all = Object.entries(Object(properties)).map(([name, part]) => [
    name,
    inWordsOf31(part as Schema),
  ]);
  const whole = properties === undefined ? own : { ...own, properties: Object.fromEntries(all) };
  return nullable === true ? { anyOf: [{ type: 'null' }, whole] } : whole;
}

function toValidator(schema: Schema) {
  const ajv = new Ajv({ strict: false, ownProperties: true });
  addFormats.default(ajv);
  return ajv.compile(inWordsOf31(schema));
}

test('valid instances are sent as they were given', async () => {
  const cases = casesOf(schemas, 'instance');
  await fc.assert(
    fc.asyncProperty(cases, async ({ generated, value: instance }) => {
      const { body, failures } = await send(generated, instance);
      expect(failures).toEqual([]);
      expect(JSON.parse(body ?? '')).toEqual(JSON.parse(JSON.stringify(instance)));
    }),
    { numRuns },
  );
});

test('what is sent is valid by the schema, whatever was given', async () => {
  const tally = { sent: 0, refused: 0 };
  const cases = casesOf(schemas, 'loose');
  await fc.assert(
    fc.asyncProperty(cases, async ({ generated, value: loose }) => {
      // ajv does not look at a property of this name; the gateway does.
      fc.pre(!JSON.stringify(generated.schema).includes('__proto__'));
      const isValid = toValidator(generated.schema);
      const { body, failures } = await send(generated, loose);
      if (body === undefined) {
        tally.refused += 1;
        expect(failures.length).toBeGreaterThan(0);
        expect(isValid(loose)).toBe(false);
        return;
      }
      tally.sent += 1;
      expect(isValid(JSON.parse(body)), JSON.stringify(isValid.errors)).toBe(true);
    }),
    { numRuns },
  );
  expect(tally.sent).toBeGreaterThan(numRuns / 20);
  expect(tally.refused).toBeGreaterThan(numRuns / 20);
});
