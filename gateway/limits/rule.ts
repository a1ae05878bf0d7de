/**
 * A document rule asks one question about one operation without knowing the caller, so that the
 * answer can be cached with the document. Rules memoise fragments: one that is spread a million
 * times is measured once.
 */
import type { FragmentDefinitionNode, OperationDefinitionNode } from 'graphql';
import type { Refusal } from '../decision.ts';
import type { CostEstimate } from './cost/cost-program.ts';
import type { Limits } from './limits.ts';

export interface RuleContext {
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly limits: Limits;
}

export type DocumentRule = (context: RuleContext) => Refusal | undefined;

export type CostLimits = Pick<Limits, 'cost' | 'listSize'>;

/** A rule on the estimate of an operation with its variables. */
export type EstimateRule = (estimate: CostEstimate, limits: CostLimits) => Refusal | undefined;
