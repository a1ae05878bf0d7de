/**
 * The engine of one snapshot: locks the schema in place, then builds the reference engine on it
 * and, if the graph has parts, the compiled engine that falls back to it.
 */
import type { GraphQLSchema } from 'graphql';
import { createPlanLock } from '../authorize/operation/plan-lock.ts';
import type { Policy } from '../authorize/policy.ts';
import { lockSchema } from '../authorize/shield-lock.ts';
import type { ConditionRule } from '../authorize/shield-rules.ts';
import { createCompiledEngine } from '../compiled/engine.ts';
import { createReferenceEngine } from '../engine/reference.ts';
import type { Engine } from '../engine.ts';
import type { GraphParts } from '../graph/graph-parts.ts';
import type { Limits } from '../limits/limits.ts';
import { project } from '../shape/project.ts';
import { createRateLock } from './snapshot-rates.ts';

export function lockAndBuildEngine(about: {
  schema: GraphQLSchema;
  /** Undefined for the reference engine alone. */
  parts: GraphParts | undefined;
  policy: Policy;
  rules: readonly ConditionRule[];
  /** Fields that the gateway may read for itself, whoever calls. */
  inner: ReadonlySet<string>;
  limits: Limits;
  rates: Pick<Parameters<typeof createRateLock>[0], 'rates' | 'written'>;
}): Engine {
  const { schema, parts, policy, inner, limits } = about;
  lockSchema(schema, policy, about.rules, inner);
  const reference = createReferenceEngine({
    schema,
    depthMax: limits.depth,
    project,
    plugins: createRateLock({ ...about.rates, schema, depthMax: limits.depth }),
    writes: policy.writes.keys(),
  });
  if (parts === undefined) return reference;
  return createCompiledEngine({
    parts,
    schema,
    fallback: reference,
    fallbackInFlight: limits.referenceInFlight,
    lockOf: createPlanLock(schema, policy, inner),
  });
}
