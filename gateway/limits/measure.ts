/** Folds a selection set to a number, fragments measured once each. Needs a document without fragment cycles. */
import {
  type FieldNode,
  type FragmentSpreadNode,
  type InlineFragmentNode,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { RuleContext } from './rule.ts';

export interface Measure {
  /** The number for a field, given that of what it selects (0 for a leaf). */
  field(node: FieldNode, selected: number): number;
  /** The number for a fragment at a place, given that of what it selects; absent: the same. */
  fragment?(node: FragmentSpreadNode | InlineFragmentNode, selected: number): number;
  /** Joins the numbers of neighbours. */
  join(left: number, right: number): number;
  /** Fields whose selections count as a leaf's. */
  opaque?(node: FieldNode): boolean;
}

export function measure(context: RuleContext, rule: Measure): number {
  const known = new Map<string, number>();
  const ofFragment = (name: string): number => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const fragment = context.fragments.get(name);
    const value = fragment === undefined ? 0 : ofSet(fragment.selectionSet);
    known.set(name, value);
    return value;
  };
  const atPlace = (node: FragmentSpreadNode | InlineFragmentNode, selected: number): number =>
    rule.fragment === undefined ? selected : rule.fragment(node, selected);
  const ofSet = (set: SelectionSetNode | undefined): number => {
    let total = 0;
    for (const node of set?.selections ?? []) {
      if (node.kind === Kind.FIELD) {
        const selected = rule.opaque?.(node) === true ? 0 : ofSet(node.selectionSet);
        total = rule.join(total, rule.field(node, selected));
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        total = rule.join(total, atPlace(node, ofSet(node.selectionSet)));
      } else {
        total = rule.join(total, atPlace(node, ofFragment(node.name.value)));
      }
    }
    return total;
  };
  return ofSet(context.operation.selectionSet);
}

/** Joins numbers that add up. Doubling 60 times leaves the safe integers; infinity still compares. */
export const add = (left: number, right: number): number => left + right;

/** The fields that introspection starts from. */
export const isIntrospection = (node: FieldNode): boolean =>
  node.name.value === '__schema' || node.name.value === '__type';
