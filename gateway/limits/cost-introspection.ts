/**
 * What introspection costs. It calls no upstream, but a schema is large: every field counts like a
 * short list, and listing all types counts so much that an operation does it once. The usual
 * introspection query comes to 3,700.
 */
import type { FieldNode } from 'graphql';
import { type Fragments, measureMerged, mergeFields, selectionsOf } from './merged-fields.ts';

const introspectionWeight = 10;
const fieldWeight = 10;
const allTypesWeight = 1_500;

/** Of one `__schema` or `__type`, whose nodes are merged already. */
export function introspectionCost(nodes: readonly FieldNode[], fragments: Fragments): number {
  const selections = selectionsOf(nodes).flatMap((set) => set.selections);
  const [first] = selectionsOf(nodes);
  if (first === undefined) return introspectionWeight;
  const set = { ...first, selections };
  const bounds = { heightMax: Number.POSITIVE_INFINITY, pairsMax: Number.POSITIVE_INFINITY };
  const { height } = measureMerged(set, fragments, bounds);
  const below = [...mergeFields([set], fragments).byKey.values()];
  const listings = below.filter(([node]) => node?.name.value === 'types').length;
  return introspectionWeight + listings * allTypesWeight + height * fieldWeight;
}
