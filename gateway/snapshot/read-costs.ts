/**
 * Costs of the reads before writes, estimated like the operations of callers: once at start,
 * because the reads depend on the rules alone. All reads of a field count, and a list counts with
 * the maximum number of objects, whoever calls: an upper bound, like all estimates.
 */
import { type GraphQLSchema, getOperationAST } from 'graphql';
import { planReads } from '../authorize/operation/plan-reads.ts';
import type { Policy } from '../authorize/policy.ts';
import { estimateCost } from '../limits/cost/cost.ts';
import type { CostWeights } from '../limits/cost/cost-weights.ts';
import { keysReadMax } from '../plan/read-before.ts';

/** By field of the mutation type, as coordinate; undefined if nothing is read. */
export function readCostsOf(
  schema: GraphQLSchema,
  policy: Policy,
  weights: CostWeights,
): ReadonlyMap<string, number> | undefined {
  if (policy.writes.size === 0) return undefined;
  const of = {
    schema,
    weights: { ...weights, assumedListSize: keysReadMax },
    fragments: new Map(),
  };
  return new Map(
    [...policy.writes.keys()].map((coordinate): [string, number] => {
      const costs = planReads(policy, coordinate, conditionsOf(policy, coordinate)).map(
        ({ operation: { document } }) => {
          const operation = document && getOperationAST(document);
          return operation ? estimateCost({ ...of, operation, variables: {} }).cost : 0;
        },
      );
      return [coordinate, costs.reduce((sum, one) => sum + one, 0)];
    }),
  );
}

/** Conditions of the field that look at what is read before it. */
function conditionsOf({ fields, perUse }: Policy, coordinate: string): readonly number[] {
  const { requires = [], grants = [], masks = [] } = fields.get(coordinate) ?? {};
  const own = new Set([...requires, ...grants, ...masks].map(({ condition }) => condition));
  return [...own].filter((one) => perUse.get(one)?.before !== undefined);
}
