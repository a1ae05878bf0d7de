/**
 * A document rule: one question about one operation, answered without knowing the caller, so that
 * the answer can be cached with the document. Rules count through fragments with a memo: a
 * fragment that is spread a million times over is measured once.
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

/** A question about an operation with its variables, asked of what it is estimated to cost. */
export type EstimateRule = (estimate: CostEstimate, limits: CostLimits) => Refusal | undefined;
