/**
 * Estimates the cost of an operation, and refuses one that costs too much or asks for too long a
 * list. Runs after variables are coerced and before anything is fetched. Estimates are upper bounds
 * as far as sizes are known; they saturate and never wrap around.
 *
 * A field costs its weight once per object it is on; each object it returns costs the weight of its
 * type and its selections.
 */
import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { createMemo } from '../../caches/memo.ts';
import type { Refusal } from '../../decision.ts';
import type { CheckedDocument } from '../document.ts';
import { readSize, type VariableValues } from '../list-size.ts';
import type { CostLimits } from '../rule.ts';
import { estimateRules } from '../rules.ts';
import { type CostInput, compileCost } from './cost-compile.ts';
import type { CostEstimate, FieldCost, OperationCost, SetCost } from './cost-program.ts';
import type { CostWeights } from './cost-weights.ts';

/** The cost of one operation with coerced variables; compiled on each call. */
export function estimateCost(input: CostInput): CostEstimate {
  return runCost(compileCost(input), input.variables);
}

export type CheckCost = (
  checked: Pick<CheckedDocument, 'fragments' | 'conditionVariables'>,
  operation: OperationDefinitionNode,
  variables: VariableValues,
  /** Values of pinned arguments by coordinate; called only if the operation uses any. */
  pinned?: () => VariableValues | undefined,
) => Refusal | CostEstimate;

/** Programs kept per operation, by its @skip and @include values; others are compiled each time. */
const programsMax = 8;

/** Creates the check of operations against limits. Programs are cached on their operations. */
export function createCostCheck(options: {
  /** The schema that operations are validated against. */
  schema: GraphQLSchema;
  weights: CostWeights;
  limits: CostLimits;
}): CheckCost {
  const { schema, weights, limits } = options;
  const programsByOperation = createMemo<OperationDefinitionNode, Map<string, Estimator>>();
  return ({ fragments, conditionVariables }, operation, variables, pinned) => {
    let programs = programsByOperation.get(operation);
    if (programs === undefined) {
      programs = new Map();
      programsByOperation.set(operation, programs);
    }
    let conditions = '';
    for (const name of conditionVariables) conditions += variables[name] === true ? '1' : '0';
    let estimator = programs.get(conditions);
    if (estimator === undefined) {
      estimator = toEstimator(compileCost({ schema, weights, operation, fragments, variables }));
      if (programs.size < programsMax) programs.set(conditions, estimator);
    }
    const estimate = estimator(variables, pinned);
    return refuse(estimate, limits) ?? estimate;
  };
}

type Estimator = (
  variables: VariableValues,
  pinned: (() => VariableValues | undefined) | undefined,
) => CostEstimate;

function toEstimator(program: OperationCost | undefined): Estimator {
  if (program === undefined || program.isFixed) {
    const estimate = runCost(program, {});
    return () => estimate;
  }
  return (variables, pinned) => {
    const readsPinned = pinned !== undefined && program.readsPinned;
    return runCost(program, readsPinned ? { ...variables, ...pinned() } : variables);
  };
}

function refuse(estimate: CostEstimate, limits: CostLimits): Refusal | undefined {
  for (const rule of estimateRules) {
    const refusal = rule(estimate, limits);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

const saturated = (cost: number): number => Math.min(cost, Number.MAX_SAFE_INTEGER);

/** The cost of a list's objects: `each` per object, `once` for all of them. */
interface Cost {
  readonly each: number;
  readonly once: number;
}

function runCost(program: SetCost | undefined, variables: VariableValues): CostEstimate {
  const lists = new Map<string, number>();
  if (program === undefined) return { cost: Number.POSITIVE_INFINITY, lists };
  const run = new Run(variables, lists);
  const { each, once } = run.set(program, undefined);
  return { cost: Math.ceil(saturated(each + once)), lists };
}

class Run {
  readonly #variables: VariableValues;
  readonly #lists: Map<string, number>;
  /** A set is evaluated once per size, however often fragments and types lead to it. */
  readonly #costs = new Map<SetCost, { size: number | undefined; cost: Cost }>();

  constructor(variables: VariableValues, lists: Map<string, number>) {
    this.#variables = variables;
    this.#lists = lists;
  }

  set(set: SetCost, size: number | undefined): Cost {
    const found = this.#costs.get(set);
    if (found !== undefined && found.size === size) return found.cost;
    let each = 0;
    let once = 0;
    for (const alternative of set.alternatives) {
      let own = alternative.typeWeight + alternative.callsEach;
      for (const field of alternative.fields) own += this.#field(field, size);
      each = Math.max(each, own);
      once = Math.max(once, alternative.callsOnce);
    }
    const cost = { each: saturated(each), once };
    this.#costs.set(set, { size, cost });
    return cost;
  }

  #field(field: FieldCost, above: number | undefined): number {
    const { list, below, leafWeight } = field;
    let size = 1;
    let passed: number | undefined;
    if (list !== undefined) {
      const otherwise = list.inherits && above !== undefined ? above : list.assumed;
      const found = readSize(list.readers, this.#variables, otherwise);
      if (found.asked !== undefined) this.#note(field.coordinate, found.asked);
      if (list.passes) passed = found.size;
      else size = found.size;
    }
    // Negative weights make a field cheaper. Repeated by a caller, they must not pay for others.
    const input = field.input === undefined ? 0 : field.input(this.#variables);
    const own = Math.max(0, field.weight + input);
    if (below === undefined) return saturated(own + size * Math.max(0, leafWeight));
    const { each, once } = this.set(below, passed);
    return saturated(own + once + size * each);
  }

  #note(coordinate: string, asked: number): void {
    const known = this.#lists.get(coordinate) ?? 0;
    if (asked > known) this.#lists.set(coordinate, asked);
  }
}
