/**
 * Spelling changes no cost: literals or variables, fragments or what they hold, aliases of any
 * kind. And more entries asked for never cost less. `COST_SEED` sets the seed, which is printed.
 */
import { type GraphQLSchema, parse } from 'graphql';
import { expect, test } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { createCostCheck, estimateCost } from '../../gateway/limits/cost/cost.ts';
import { defaultCostPolicy } from '../../gateway/limits/cost/cost-policy.ts';
import { type CostWeights, compileCostWeights } from '../../gateway/limits/cost/cost-weights.ts';
import { checkDocument, pickOperation } from '../../gateway/limits/document.ts';
import { defaultLimits } from '../../gateway/limits/limits.ts';
import { coerceVariables } from '../../gateway/limits/variables.ts';
import { generateOperation, type Operation } from './generate-operation.ts';
import { createRandom, type Random } from './random.ts';
import { spellings } from './respell.ts';
import { unifiedSchema, upstreamSchemas } from './schema.ts';

const seed = Number(process.env.COST_SEED ?? Date.now() % 1_000_000);
const runs = 600;
const wide = {
  ...defaultLimits,
  ...{ tokens: 50_000, depth: 100, height: 10_000, rootFields: 1_000, fields: 50_000 },
  ...{ aliases: 50_000, directives: 50_000 },
};
const open = { cost: Number.MAX_SAFE_INTEGER, listSize: Number.MAX_SAFE_INTEGER };

/** Random weights, on what operations touch and on what arguments hold. */
function weightsOf(random: Random, schema: GraphQLSchema): CostWeights {
  const graph = {
    schema,
    upstreams: new Map(Object.entries(upstreamSchemas)),
    joins: { Employee: { upstreams: { people: {}, pay: { batch: true } } } },
    links: { 'Employee.manager': { upstream: 'people' } },
  };
  const compiled = compileCostWeights(graph, defaultCostPolicy);
  const coordinates = [
    'Query.employees Query.search Employee.salary Person.name Office Money Kind',
    'Query.employees(filter:) EmployeeFilter.ssn Nested.level Query.echo(text:)',
  ].flatMap((line) => line.split(' '));
  const chosen = random.subset(coordinates, 0.6);
  const weights = new Map(chosen.map((coordinate) => [coordinate, 1 + random.below(9)]));
  return { ...compiled, weights };
}

function costOf(operation: Operation, weights: CostWeights): number | string {
  const checked = checkDocument(operation.query, unifiedSchema, wide);
  if (checked instanceof Refusal) return checked.reason;
  const picked = pickOperation(checked, operation.operationName);
  if (picked instanceof Refusal) return picked.reason;
  const variables = coerceVariables(unifiedSchema, picked, operation.variables);
  if (variables instanceof Refusal) return variables.reason;
  const { fragments } = checked;
  const input = { schema: unifiedSchema, weights, operation: picked, fragments };
  const { cost } = estimateCost({ ...input, variables: variables.coerced });
  const check = createCostCheck({ schema: unifiedSchema, weights, limits: open });
  // Kept programs give what fresh ones give.
  for (let round = 0; round < 2; round += 1) {
    expect(check(checked, picked, variables.coerced)).toMatchObject({ cost });
  }
  return cost;
}

test(`the same operation in other words costs the same, seed ${seed}`, { timeout: 120_000 }, () => {
  const random = createRandom(seed);
  const seen = new Set<number>();
  for (let run = 0; run < runs; run += 1) {
    const weights = weightsOf(random, unifiedSchema);
    const operation = generateOperation(random, unifiedSchema);
    const cost = costOf(operation, weights);
    if (typeof cost !== 'number') continue;
    seen.add(cost);
    for (const spelling of spellings(random, unifiedSchema, operation)) {
      const about = `COST_SEED=${seed} run ${run} ${spelling.spelled}\n${operation.query}\n${JSON.stringify(operation.variables)}\n${spelling.query}\n${JSON.stringify(spelling.variables)}`;
      const again = costOf(spelling, weights);
      // Renamed keys may conflict, and then there is no such operation.
      if (again !== 'limits/invalid') expect(again, about).toBe(cost);
    }
  }
  expect(seen.size).toBeGreaterThan(100);
});

test('more entries never cost less', () => {
  const document = 'query ($n: Int) { employees(first: $n) { name office { staff { name } } } }';
  const random = createRandom(seed);
  const weights = weightsOf(random, unifiedSchema);
  const costs = Array.from({ length: 200 }, (_, index) =>
    costOf({ query: document, variables: { n: index + 1 } }, weights),
  );
  expect([...costs].sort((a, b) => Number(a) - Number(b))).toEqual(costs);
  expect(new Set(costs).size).toBe(200);
});

test('the generator makes what costs are about', () => {
  const random = createRandom(seed);
  const texts = Array.from({ length: 300 }, () => generateOperation(random, unifiedSchema).query);
  expect(texts.every((text) => parse(text).definitions.length > 0)).toBe(true);
  for (const part of ['...', 'first: $', '@include', 'mutation', 'employees']) {
    expect(texts.some((text) => text.includes(part))).toBe(true);
  }
});
