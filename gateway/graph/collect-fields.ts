/**
 * The fields of selection sets for one concrete type, as the GraphQL specification collects them
 * (section 6.3.2): fragments, inline fragments, aliases and repeated fields all end in one ordered
 * list per response key. What an operation costs and what it is granted rest on the same fields.
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

/** `look` hears of each set how many selections are to be looked at, and may say no. */
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

/** What a fragment selects of this type; undefined where nothing, or where it was seen already. */
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

/** Whether a type condition takes a type of this name in; the type may be another schema's. */
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
