/** The cost weights of one snapshot, with pinned arguments and the reads before writes. */
import type { Policy } from '../authorize/policy.ts';
import { type CostPolicy, defaultCostPolicy } from '../limits/cost/cost-policy.ts';
import {
  type CostGraph,
  type CostWeights,
  compileCostWeights,
} from '../limits/cost/cost-weights.ts';
import { pinnedArgumentsOf } from './pinned-inputs.ts';
import { readCostsOf } from './read-costs.ts';

/** Throws ConfigError if the cost policy names something that the graph lacks. */
export function compileCosts(
  {
    schema,
    upstreams = new Map(),
    joins = {},
    links = {},
  }: Partial<CostGraph> & Pick<CostGraph, 'schema'>,
  policy: Policy,
  written: CostPolicy = defaultCostPolicy,
): CostWeights {
  const weights: CostWeights = {
    ...compileCostWeights({ schema, upstreams, joins, links }, written),
    ...(policy.pins.size > 0 && { pinned: pinnedArgumentsOf(policy) }),
  };
  const reads = readCostsOf(schema, policy, weights);
  return reads === undefined ? weights : { ...weights, reads };
}
