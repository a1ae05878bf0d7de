/**
 * What introspection costs: it grows with what the view that it is answered from has to tell, is
 * the same in whatever words, and leaves tools that read a schema once alone.
 */
import { buildSchema, getIntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { createCostCheck } from '../../gateway/limits/cost/cost.ts';
import { defaultCostPolicy } from '../../gateway/limits/cost/cost-policy.ts';
import { compileCostWeights } from '../../gateway/limits/cost/cost-weights.ts';
import { checkDocument, pickOperation } from '../../gateway/limits/document.ts';
import { defaultLimits } from '../../gateway/limits/limits.ts';

const perType = 20;
const range = (length: number): number[] => Array.from({ length }, (_, at) => at);

/** Types that lead to one another, of twenty fields each. */
const schemaOf = (coordinates: number) => {
  const types = range(coordinates / perType);
  const fields = (type: number) =>
    range(perType).map((at) =>
      at % 5 === 0
        ? `f${at}(first: Int): [T${(type + at) % types.length}!]!`
        : `"Says a thing." f${at}: String`,
    );
  return buildSchema(
    `type Query { t: T0 } ${types.map((type) => `type T${type} { ${fields(type).join(' ')} }`).join(' ')}`,
  );
};
const schemas = new Map([20, 1_000, 6_000, 40_000].map((size) => [size, schemaOf(size)]));

function costOf(query: string, size: number, limits = defaultLimits): number | string {
  const schema = schemas.get(size);
  if (schema === undefined) throw new Error('no such schema');
  const checked = checkDocument(query, schema, limits);
  if (checked instanceof Refusal) return checked.reason;
  const operation = pickOperation(checked, undefined);
  if (operation instanceof Refusal) return operation.reason;
  const weights = compileCostWeights({ schema, upstreams: new Map() }, defaultCostPolicy);
  const found = createCostCheck({ schema, weights, limits })(checked, operation, {});
  return found instanceof Refusal ? found.reason : found.cost;
}

const usual = getIntrospectionQuery();
/** As code generators and GraphiQL ask. */
const whole = getIntrospectionQuery({
  ...{ descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, oneOf: true },
  ...{ schemaDescription: true, inputValueDeprecation: true },
});
const names = '{ __schema { types { name } } }';

describe('introspection', () => {
  it('costs more the more there is to tell', () => {
    const [small, middle, large] = [20, 1_000, 6_000].map((size) => Number(costOf(usual, size)));
    expect([small, middle, large]).toEqual([63, 768, 4_014]);
    expect([20, 1_000, 6_000].map((size) => costOf(names, size))).toEqual([11, 13, 21]);
  });

  it.each([usual, whole])('of everything once passes, however large the schema', (query) => {
    for (const size of schemas.keys()) {
      expect(costOf(query, size)).toBeLessThan(defaultLimits.cost);
    }
    expect(Number(costOf(query, 40_000))).toBeGreaterThan(4_000);
  });

  const twice = '{ a: __schema { ...S } b: __schema { ...S } } fragment S on __Schema';
  const all = '{ types { fields { name description args { name } type { name kind } } } }';
  it.each([
    { name: 'of everything twice', query: `${twice} ${all}` },
    {
      name: 'of everything twice in one',
      query: `{ __schema { a: types ${all.slice(8, -1)} b: types ${all.slice(8, -1)} } }`,
    },
    {
      name: 'of lists in lists',
      query: '{ __schema { types { fields { type { fields { name } } } } } }',
    },
    {
      name: 'of what every type leads to',
      query:
        '{ __schema { types { interfaces { name } fields { args { type { fields { name } } } } } } }',
    },
  ])('$name is too costly where the schema is large', ({ query }) => {
    expect(costOf(query, 40_000)).toBe('limits/too-costly');
    expect(costOf(query, 20)).toBeLessThan(defaultLimits.cost);
  });

  it.each([
    {
      name: 'fragments and what they hold',
      one: '{ __schema { types { ...N ...F } } } fragment N on __Type { name } fragment F on __Type { name fields { ...A } } fragment A on __Field { name args { name } }',
      other: '{ __schema { types { name fields { name args { name } } } } }',
    },
    {
      name: 'one field in two parts',
      one: '{ __schema { types { name } } __schema { types { fields { name } } } }',
      other: '{ __schema { types { name fields { name } } } }',
    },
    {
      name: 'another order',
      one: '{ __schema { directives { args { name } } types { fields { args { name } name } kind } } }',
      other:
        '{ __schema { types { kind fields { name args { name } } } directives { args { name } } } }',
    },
    {
      name: 'what is left out',
      one: '{ __schema { types { name ...F @skip(if: true) } } __type(name: "T0") @include(if: false) { name } } fragment F on __Type { fields { name } }',
      other: '{ __schema { types { name fields @include(if: false) { name } } } }',
    },
    {
      name: 'what no type is wrapped deep enough for',
      one: '{ __type(name: "T0") { fields { type { ofType { ofType { ofType { ofType { name } } } } } } } }',
      other:
        '{ __type(name: "T0") { fields { type { ofType { ofType { ofType { ofType { name kind } } } } } } } }',
    },
  ])('costs the same: $name', ({ one, other }) => {
    const cost = costOf(one, 1_000);
    expect(cost).toBeGreaterThan(10);
    expect(costOf(other, 1_000)).toBe(cost);
  });

  it('is not counted without end', () => {
    const open = { ...defaultLimits, ...{ fields: 1e6, aliases: 1e6, height: 1e6, tokens: 1e6 } };
    const fields = range(40).map((at) => `a${at}: fields { name type { name kind } }`);
    const types = range(400).map((at) => `t${at}: __type(name: "T0") { ${fields.join(' ')} }`);
    const limits = { ...open, rootFields: 1_000, cost: 2 ** 53 };
    expect(costOf(`{ ${types.join(' ')} }`, 20, limits)).toBe('limits/too-costly');
  });

  it('of one type counts it as the longest there is', () => {
    expect(costOf('{ __type(name: "Query") { fields { name } } }', 1_000)).toBe(11);
    const aliases = range(20).map((at) => `a${at}: __type(name: "T${at}") { fields { name } }`);
    expect(costOf(`{ ${aliases.join(' ')} }`, 1_000)).toBe(20 * 11);
  });
});
