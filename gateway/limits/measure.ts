/**
 * Folds a selection set to a number, measuring each fragment once. The document must have no
 * fragment cycles.
 */
import {
  type FieldNode,
  type FragmentSpreadNode,
  type InlineFragmentNode,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import type { RuleContext } from './rule.ts';

export interface Measure {
  /** The number for a field, given that of its selections (0 for a leaf). */
  field(node: FieldNode, selected: number): number;
  /**
   * The number for a fragment where it is spread, given that of its selections; default: the same.
   */
  fragment?(node: FragmentSpreadNode | InlineFragmentNode, selected: number): number;
  /** Combines the numbers of siblings. */
  join(left: number, right: number): number;
  /** Fields whose selections are ignored, as if they were leaves. */
  opaque?(node: FieldNode): boolean;
}

export function measure(context: RuleContext, rule: Measure): number {
  const byFragment = new Map<string, number>();
  const ofFragment = (name: string): number => {
    const found = byFragment.get(name);
    if (found !== undefined) return found;
    const fragment = context.fragments.get(name);
    const value = fragment === undefined ? 0 : ofSet(fragment.selectionSet);
    byFragment.set(name, value);
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

/** Sums may leave the safe integers after sixty doublings; infinity still compares correctly. */
export const add = (left: number, right: number): number => left + right;

/** The fields where introspection starts. */
export const isIntrospection = (node: FieldNode): boolean =>
  node.name.value === '__schema' || node.name.value === '__type';
