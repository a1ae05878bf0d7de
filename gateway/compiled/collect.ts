/** Collects the fields of selection sets by result key, as they apply to one concrete type. */
import {
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  Kind,
  type SelectionSetNode,
} from 'graphql';
import { appliesTo } from '../graph/collect-fields.ts';
import { Unsupported } from './program.ts';

/** Field nodes by result key, for one concrete type. */
export type Collected = Map<string, { nodes: FieldNode[]; isPlain: boolean }>;

/** Merges selection sets; `isPlain` marks fields on an interface itself, outside any fragment. */
export function collect(
  schema: GraphQLSchema,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  isPlain?: boolean,
): Collected {
  const collected: Collected = new Map();
  const visitSet = (set: SelectionSetNode, plain: boolean): void => {
    for (const node of set.selections) {
      if (node.kind === Kind.FRAGMENT_SPREAD) throw new Unsupported('spread');
      if (node.kind === Kind.INLINE_FRAGMENT) {
        const condition = node.typeCondition?.name.value;
        if (appliesTo(schema, condition, type)) {
          visitSet(node.selectionSet, plain && condition === undefined);
        }
        continue;
      }
      const key = node.alias?.value ?? node.name.value;
      const found = collected.get(key);
      if (found === undefined) collected.set(key, { nodes: [node], isPlain: plain });
      else found.nodes.push(node);
    }
  };
  for (const set of sets) visitSet(set, isPlain ?? hasPlainFields(set));
  return collected;
}

/**
 * Whether a selection set has fields on an interface itself. The planner writes these, after
 * `__typename`, only where all implementations select the same
 * (authorize/operation/plan-selections.ts).
 */
export function hasPlainFields(set: SelectionSetNode): boolean {
  const [first, second] = set.selections;
  return (
    first?.kind === Kind.FIELD && first.name.value === '__typename' && second?.kind === Kind.FIELD
  );
}

/** The selection sets of nodes that merge into one field. */
export function selectionSetsOf(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap((node) => node.selectionSet ?? []);
}

/** Whether any field other than the key and `__typename` is selected, under whatever alias. */
export function asksOther(collected: Collected, key: string): boolean {
  return [...collected.values()].some(({ nodes }) =>
    nodes.some(({ name }) => name.value !== '__typename' && name.value !== key),
  );
}

export function addTo(
  elsewhere: Map<string, Collected>,
  upstream: string,
  rawKey: string,
  found: { nodes: FieldNode[]; isPlain: boolean },
): void {
  const nodes: Collected = elsewhere.get(upstream) ?? new Map();
  if (!nodes.has(rawKey)) nodes.set(rawKey, { ...found, isPlain: false });
  elsewhere.set(upstream, nodes);
}

export function fromField(name: string): { nodes: FieldNode[]; isPlain: boolean } {
  return {
    nodes: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: name } }],
    isPlain: false,
  };
}
