/**
 * The fields of selections on one concrete type, merged as execution merges them: by response
 * key, fragments of other types and what @skip and @include leave out not counted.
 */
import {
  type FieldNode,
  type FragmentSpreadNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isAbstractType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import type { VariableValues } from './list-size.ts';
import type { Fragments } from './merged-fields.ts';

export interface CollectInput {
  readonly schema: GraphQLSchema;
  readonly fragments: Fragments;
  /** Read for @skip and @include alone. */
  readonly variables: VariableValues;
}

/** Fields by response key. `look` hears how many selections are to be looked at; false ends it. */
export function collectFields(
  input: CollectInput,
  sets: readonly SelectionSetNode[],
  type: GraphQLObjectType,
  look: (selections: number) => boolean,
): ReadonlyMap<string, readonly FieldNode[]> {
  const merged = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  const visit = (set: SelectionSetNode | undefined): void => {
    if (set === undefined || !look(set.selections.length)) return;
    for (const node of set.selections) {
      if (!isIncluded(node, input.variables)) continue;
      if (node.kind !== Kind.FIELD) visit(fragmentSet(input, node, type, spread));
      else {
        const key = node.alias?.value ?? node.name.value;
        const others = merged.get(key);
        if (others === undefined) merged.set(key, [node]);
        else others.push(node);
      }
    }
  };
  for (const set of sets) visit(set);
  return merged;
}

/** What a fragment selects of this type; undefined where nothing, or where it was seen already. */
function fragmentSet(
  { schema, fragments }: CollectInput,
  node: FragmentSpreadNode | InlineFragmentNode,
  type: GraphQLObjectType,
  spread: Set<string>,
): SelectionSetNode | undefined {
  if (node.kind === Kind.FRAGMENT_SPREAD) {
    if (spread.has(node.name.value)) return undefined;
    spread.add(node.name.value);
  }
  const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
  const condition = fragment?.typeCondition?.name.value;
  return fits(schema, condition, type) ? fragment?.selectionSet : undefined;
}

function fits(
  schema: GraphQLSchema,
  condition: string | undefined,
  type: GraphQLObjectType,
): boolean {
  if (condition === undefined || condition === type.name) return true;
  const abstract = schema.getType(condition);
  return isAbstractType(abstract) && schema.isSubType(abstract, type);
}

function isIncluded(node: SelectionNode, variables: VariableValues): boolean {
  for (const { name, arguments: given } of node.directives ?? []) {
    if (name.value !== 'skip' && name.value !== 'include') continue;
    const value = given?.find((one) => one.name.value === 'if')?.value;
    const condition =
      value?.kind === Kind.VARIABLE
        ? variables[value.name.value] === true
        : value?.kind === Kind.BOOLEAN && value.value;
    if (condition === (name.value === 'skip')) return false;
  }
  return true;
}
