/**
 * Collects the fields of selection sets for one concrete type (GraphQL specification, section
 * 6.3.2): fragments, aliases and repeated fields end in one ordered list per response key. Cost and
 * authorisation both rest on these fields, so no spelling makes them differ.
 */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  type InlineFragmentNode,
  isAbstractType,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

export interface CollectContext {
  readonly schema: GraphQLSchema;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** The value of a variable that @skip or @include reads. */
  readonly isTrue: (variable: string) => boolean;
}

/**
 * Calls `look` with the number of selections of each set before reading it; false skips the set.
 */
export function collectFields(
  context: CollectContext,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  look: (selections: number) => boolean = () => true,
): Map<string, FieldNode[]> {
  const fields = new Map<string, FieldNode[]>();
  const spread = new Set<string>();
  const visit = (set: SelectionSetNode | undefined): void => {
    if (set === undefined || !look(set.selections.length)) return;
    for (const node of set.selections) {
      if (!isIncluded(node, context)) continue;
      if (node.kind !== Kind.FIELD) {
        visit(fragmentSet(context, node, type, spread));
        continue;
      }
      const key = node.alias?.value ?? node.name.value;
      const list = fields.get(key);
      if (list === undefined) fields.set(key, [node]);
      else list.push(node);
    }
  };
  for (const set of sets) visit(set);
  return fields;
}

/** What a fragment selects on this type; undefined if nothing, or if it was already spread. */
function fragmentSet(
  { schema, fragments }: CollectContext,
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
  return appliesTo(schema, condition, type) ? fragment?.selectionSet : undefined;
}

/** Whether a type condition includes a type of this name; the type may belong to another schema. */
export function appliesTo(
  schema: GraphQLSchema,
  condition: string | undefined,
  type: GraphQLObjectType,
): boolean {
  if (condition === undefined || condition === type.name) return true;
  const named = schema.getType(condition);
  const own = schema.getType(type.name);
  return isAbstractType(named) && isObjectType(own) && schema.isSubType(named, own);
}

function isIncluded({ directives }: SelectionNode, { isTrue }: CollectContext): boolean {
  for (const { name, arguments: given } of directives ?? []) {
    if (name.value !== 'skip' && name.value !== 'include') continue;
    const value = given?.find((one) => one.name.value === 'if')?.value;
    const condition =
      value?.kind === Kind.VARIABLE
        ? isTrue(value.name.value)
        : value?.kind === Kind.BOOLEAN && value.value;
    if (condition === (name.value === 'skip')) return false;
  }
  return true;
}
