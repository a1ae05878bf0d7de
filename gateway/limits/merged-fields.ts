/**
 * Merges the fields of a selection set as execution does: by response key, with each fragment
 * expanded once. Types are ignored, so siblings that no single object has are both counted.
 *
 * Validation compares every pair of fields under one response key. The work here is bounded:
 * counting stops when a bound is exceeded.
 */
import { type FieldNode, type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

export interface MergedFields {
  /** By response key, in order of first appearance. */
  readonly byKey: ReadonlyMap<string, readonly FieldNode[]>;
  /** The number of distinct fragments spread here. */
  readonly spreads: number;
}

export function mergeFields(sets: readonly SelectionSetNode[], fragments: Fragments): MergedFields {
  const merged = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  const add = (set: SelectionSetNode): void => {
    for (const node of set.selections) {
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value;
        const others = merged.get(key);
        if (others === undefined) merged.set(key, [node]);
        else others.push(node);
      } else if (node.kind === Kind.INLINE_FRAGMENT) add(node.selectionSet);
      else if (!spread.has(node.name.value)) {
        spread.add(node.name.value);
        const fragment = fragments.get(node.name.value);
        if (fragment !== undefined) add(fragment.selectionSet);
      }
    }
  };
  for (const set of sets) add(set);
  return { byKey: merged, spreads: spread.size };
}

export interface MergedShape {
  /** Merged fields at all levels. */
  readonly height: number;
  /** Weighted pairs of fields under one response key, and of fragments at one place. */
  readonly pairs: number;
}

/** The cost of comparing two of each kind, in units of a pair of leaves. */
const pairWeights = { leaf: 1, composite: 5, fragment: 30 };
const pairsOf = (count: number): number => (count * (count - 1)) / 2;

/** Stops once `heightMax` or `pairsMax` is exceeded, and then returns a value above the bound. */
export function measureMerged(
  root: SelectionSetNode,
  fragments: Fragments,
  bounds: { heightMax: number; pairsMax: number },
): MergedShape {
  let height = 0;
  let pairs = 0;
  const visit = (sets: readonly SelectionSetNode[]): void => {
    const { byKey, spreads } = mergeFields(sets, fragments);
    height += byKey.size;
    pairs += pairWeights.fragment * pairsOf(spreads);
    for (const nodes of byKey.values()) {
      const isLeaf = nodes[0]?.selectionSet === undefined;
      pairs += pairsOf(nodes.length) * (isLeaf ? pairWeights.leaf : pairWeights.composite);
    }
    for (const nodes of byKey.values()) {
      if (height > bounds.heightMax || pairs > bounds.pairsMax) return;
      const below = selectionsOf(nodes);
      if (below.length > 0) visit(below);
    }
  };
  visit([root]);
  return { height, pairs };
}

export function selectionsOf(nodes: readonly FieldNode[]): readonly SelectionSetNode[] {
  const sets: SelectionSetNode[] = [];
  for (const { selectionSet } of nodes) if (selectionSet !== undefined) sets.push(selectionSet);
  return sets;
}
