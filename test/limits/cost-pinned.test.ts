/** A caller's claims are read for what an operation costs where it selects a field that pins them. */
import { buildSchema, Kind, type OperationDefinitionNode, parse } from 'graphql';
import { expect, it } from 'vitest';
import { createCostCheck } from '../../gateway/limits/cost/cost.ts';
import { defaultCostPolicy } from '../../gateway/limits/cost/cost-policy.ts';
import { compileCostWeights } from '../../gateway/limits/cost/cost-weights.ts';
import { defaultLimits } from '../../gateway/limits/limits.ts';

const whole = buildSchema('type Query { rows(first: Int): [Row!] other: Row } type Row { id: ID }');
const schema = buildSchema('type Query { rows: [Row!] other: Row } type Row { id: ID }');
const graph = { schema: whole, upstreams: new Map(), joins: {}, links: {} };
const weights = {
  ...compileCostWeights(graph, defaultCostPolicy),
  pinned: new Map([['Query.rows', whole.getQueryType()?.getFields().rows?.args ?? []]]),
};

it.each([
  { query: '{ other { id } }', asked: 0 },
  { query: '{ rows { id } }', asked: 1 },
  { query: '{ other { id } ...F } fragment F on Query { rows { id } }', asked: 1 },
])('$query asks $asked times', ({ query, asked }) => {
  const check = createCostCheck({ schema, weights, limits: defaultLimits });
  const { definitions } = parse(query);
  const [operation] = definitions as unknown as [OperationDefinitionNode];
  const found = definitions.flatMap((one) =>
    one.kind === Kind.FRAGMENT_DEFINITION ? [[one.name.value, one] as const] : [],
  );
  let times = 0;
  const pinned = () => {
    times += 1;
    return { 'Query.rows(first:)': 7 };
  };
  const checked = { fragments: new Map(found), conditionVariables: [] };
  expect(check(checked, operation, {}, pinned)).toHaveProperty('cost');
  expect(times).toBe(asked);
});
