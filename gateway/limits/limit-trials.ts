/**
 * Limits on trial: whether an operation that the limits in force let pass would have been too much.
 * What a document says is found out once for each; lists and cost hang on the variables.
 */
import type { OperationDefinitionNode } from 'graphql';
import { createMemo } from '../caches/memo.ts';
import { Refusal } from '../decision.ts';
import type { Shadow, ShadowEffect } from '../shadow.ts';
import type { CheckedRequest } from './check-request.ts';
import type { Limits } from './limits.ts';
import { parseDocument } from './parse-document.ts';
import type { DocumentRule } from './rule.ts';
import { aliases } from './rules/aliases.ts';
import { depth } from './rules/depth.ts';
import { directives } from './rules/directives.ts';
import { fields } from './rules/fields.ts';
import { height } from './rules/height.ts';
import { introspectionDepth } from './rules/introspection-depth.ts';
import { listSize } from './rules/list-size.ts';
import { rootFields } from './rules/root-fields.ts';

const rules = {
  depth,
  height,
  rootFields,
  fields,
  aliases,
  directives,
  introspectionDepth,
} as const;

export type TriedLimit = keyof typeof rules | 'tokens' | 'listSize' | 'cost';

/** Where something is written; line and column count from 1. */
interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface LimitTrial {
  readonly name: TriedLimit;
  readonly limit: number;
  readonly source: Place;
  readonly shadow: Shadow & { readonly source: Place };
}

export interface LimitTrials {
  /** Those that the operation passes, by name. */
  of(checked: CheckedRequest): readonly ShadowEffect[];
  /** The same of a cost that has risen meanwhile. */
  ofCost(cost: number): readonly ShadowEffect[];
}

/** Undefined where none is on trial. */
export function createLimitTrials(
  trials: readonly LimitTrial[],
  limits: Limits,
): LimitTrials | undefined {
  if (trials.length === 0) return undefined;
  const known = createMemo<OperationDefinitionNode, readonly ShadowEffect[]>();
  const ofCost = (cost: number) =>
    trials.filter(({ name, limit }) => name === 'cost' && cost > limit).map(toEffect);
  return {
    ofCost,
    of(checked) {
      let found = known.get(checked.operation);
      if (found === undefined) {
        found = trials.filter((one) => isTooMuch(checked, one, limits)).map(toEffect);
        known.set(checked.operation, found);
      }
      const lists = trials
        .filter(({ name }) => name === 'listSize')
        .filter(({ limit }) => listSize(checked.estimate, { ...limits, listSize: limit }))
        .map(toEffect);
      return [...found, ...lists, ...ofCost(checked.cost)];
    },
  };
}

const toEffect = ({ name }: LimitTrial): ShadowEffect => ({
  kind: 'limit',
  rule: `limits.${name}`,
  effect: 'refuse',
  coordinates: [],
});

/** By the document alone; all its operations count, as they do for the limits in force. */
function isTooMuch(
  { text, operations, fragments }: CheckedRequest,
  { name, limit }: LimitTrial,
  inForce: Limits,
): boolean {
  if (name === 'listSize' || name === 'cost') return false;
  const limits = { ...inForce, [name]: limit };
  if (name === 'tokens') return parseDocument(text, limits) instanceof Refusal;
  const rule: DocumentRule = rules[name];
  return operations.some((operation) => rule({ operation, fragments, limits }) !== undefined);
}
