/**
 * Limits in shadow mode: whether an operation that passes the limits in force would have exceeded a
 * stricter one. Verdicts on the document are cached per operation; lists and cost depend on the
 * variables. Refuses nothing.
 */
import type { OperationDefinitionNode } from 'graphql';
import { createMemo } from '../caches/memo.ts';
import { Refusal } from '../decision.ts';
import type { SourceLocation } from '../files/source-location.ts';
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

export type ShadowedLimit = keyof typeof rules | 'tokens' | 'listSize' | 'cost';

export interface LimitShadow {
  readonly name: ShadowedLimit;
  readonly limit: number;
  readonly source: SourceLocation;
  readonly shadow: Shadow & { readonly source: SourceLocation };
}

export interface LimitShadows {
  /** The limits in shadow mode that the operation exceeds. */
  of(checked: CheckedRequest): readonly ShadowEffect[];
  /** Those that a cost, increased since the estimate, exceeds. */
  ofCost(cost: number): readonly ShadowEffect[];
}

/** Undefined if no limit is in shadow mode. */
export function createLimitShadows(
  shadows: readonly LimitShadow[],
  limits: Limits,
): LimitShadows | undefined {
  if (shadows.length === 0) return undefined;
  const shadowsByOperation = createMemo<OperationDefinitionNode, readonly ShadowEffect[]>();
  const ofCost = (cost: number) =>
    shadows.filter(({ name, limit }) => name === 'cost' && cost > limit).map(toEffect);
  return {
    ofCost,
    of(checked) {
      let found = shadowsByOperation.get(checked.operation);
      if (found === undefined) {
        found = shadows.filter((one) => isTooMuch(checked, one, limits)).map(toEffect);
        shadowsByOperation.set(checked.operation, found);
      }
      const lists = shadows
        .filter(({ name }) => name === 'listSize')
        .filter(({ limit }) => listSize(checked.estimate, { ...limits, listSize: limit }))
        .map(toEffect);
      return [...found, ...lists, ...ofCost(checked.cost)];
    },
  };
}

const toEffect = ({ name }: LimitShadow): ShadowEffect => ({
  kind: 'limit',
  rule: `limits.${name}`,
  effect: 'refuse',
  coordinates: [],
});

/** Judged by the document alone, over all its operations, like the limits in force. */
function isTooMuch(
  { text, operations, fragments }: CheckedRequest,
  { name, limit }: LimitShadow,
  inForce: Limits,
): boolean {
  if (name === 'listSize' || name === 'cost') return false;
  const limits = { ...inForce, [name]: limit };
  if (name === 'tokens') return parseDocument(text, limits) instanceof Refusal;
  const rule: DocumentRule = rules[name];
  return operations.some((operation) => rule({ operation, fragments, limits }) !== undefined);
}
