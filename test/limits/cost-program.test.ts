/** What is kept between requests, and that compiling ends: documents are an attacker's. */
import { buildSchema, type OperationDefinitionNode } from 'graphql';
import { expect, test } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { createCostCheck, estimateCost } from '../../gateway/limits/cost/cost.ts';
import { defaultCostPolicy } from '../../gateway/limits/cost/cost-policy.ts';
import { compileCostWeights } from '../../gateway/limits/cost/cost-weights.ts';
import { type CheckedDocument, checkDocument } from '../../gateway/limits/document.ts';
import { defaultLimits } from '../../gateway/limits/limits.ts';

const kinds = Array.from({ length: 60 }, (_, index) => `T${index}`);
const schema = buildSchema(`
  interface Node { id: ID next: Node }
  type Query { node: Node list(first: Int): [Node] }
  ${kinds.map((name) => `type ${name} implements Node { id: ID next: Node }`).join('\n')}
`);
const policy = { ...defaultCostPolicy, upstreamCall: 0 };
const weights = compileCostWeights({ schema, upstreams: new Map([['a', schema]]) }, policy);
const limits = { cost: 5_000, listSize: 100 };
const open = {
  ...defaultLimits,
  depth: 100,
  height: 10_000,
  fields: Number.MAX_VALUE,
  tokens: 100_000,
};

function read(text: string): { checked: CheckedDocument; operation: OperationDefinitionNode } {
  const checked = checkDocument(text, schema, open);
  if (checked instanceof Refusal) throw new Error(checked.reason);
  const [operation] = checked.operations;
  if (operation === undefined) throw new Error('no operation');
  return { checked, operation };
}

function estimate(text: string): number {
  const { checked, operation } = read(text);
  const { fragments } = checked;
  return estimateCost({ schema, weights, operation, fragments, variables: {} }).cost;
}

test('what is kept for one setting of conditions is not used for another', () => {
  const names = Array.from({ length: 5 }, (_, index) => `c${index}`);
  const declared = names.map((name) => `$${name}: Boolean!`).join(' ');
  const fields = names.map((name) => `... @include(if: $${name}) { ${name}: node { id } }`);
  const { checked, operation } = read(`query (${declared}) { ${fields.join(' ')} }`);
  const check = createCostCheck({ schema, weights, limits });
  // Twice, and more settings than are kept.
  for (const round of [1, 2]) {
    for (let bits = 0; bits < 32; bits += 1) {
      const values = names.map((name, index) => [name, (bits & (1 << index)) !== 0]);
      const wanted = values.filter(([, value]) => value).length;
      const found = check(checked, operation, Object.fromEntries(values));
      expect(found, `round ${round}, setting ${bits}`).toMatchObject({ cost: wanted });
    }
  }
});

test('one kept program is run with the variables of each request', () => {
  const { checked, operation } = read('query ($n: Int) { list(first: $n) { id } }');
  const check = createCostCheck({ schema, weights, limits });
  const costs = [3, 50, 1].map((n) => check(checked, operation, { n }));
  expect(costs).toMatchObject([{ cost: 3 }, { cost: 50 }, { cost: 1 }]);
});

test('types of types of types are compiled once', () => {
  const levels = 20;
  const text = `{ node ${'{ next '.repeat(levels)}{ id }${'}'.repeat(levels)} }`;
  expect(estimate(text)).toBe(levels + 1);
});

test('fragments that double are visited once per place', () => {
  const levels = 40;
  const fragments = Array.from({ length: levels }, (_, index) => {
    const spread = `...F${index + 1}`;
    return `fragment F${index} on Node { ${index === levels - 1 ? 'id' : `${spread} ${spread} id`} }`;
  });
  expect(estimate(`{ node { ...F0 } } ${fragments.join(' ')}`)).toBe(1);
});

test('an operation too intricate to be estimated costs too much', () => {
  const text = `{ ${Array.from({ length: 600 }, (_, index) => `a${index}: node { id }`).join(' ')} }`;
  const wide = { ...open, aliases: 1_000, rootFields: 1_000 };
  const checked = checkDocument(text, schema, wide);
  if (checked instanceof Refusal || checked.operations[0] === undefined) throw new Error('refused');
  const check = createCostCheck({ schema, weights, limits: { ...limits, cost: 1e9 } });
  expect(check(checked, checked.operations[0], {})).toMatchObject({ reason: 'limits/too-costly' });
});
