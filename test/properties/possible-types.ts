/**
 * Which object types can stand at a place of a document: the walk that the judges share.
 */
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  type InlineFragmentNode,
  isAbstractType,
  isObjectType,
  Kind,
} from 'graphql';

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

export function fragmentsOf({ definitions }: DocumentNode): Fragments {
  const found = definitions.filter((each) => each.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(found.map((each) => [each.name.value, each]));
}

/** The object types a field of this type can hold; none for a leaf. */
export function possibleTypes(
  schema: GraphQLSchema,
  type: GraphQLOutputType,
): readonly GraphQLObjectType[] {
  const named = getNamedType(type);
  if (isAbstractType(named)) return schema.getPossibleTypes(named);
  return isObjectType(named) ? [named] : [];
}

/** The fragment behind a spread or an inline fragment, and the types that enter it. */
export function enter(
  { schema, fragments }: { schema: GraphQLSchema; fragments: Fragments },
  node: FragmentSpreadNode | InlineFragmentNode,
  types: readonly GraphQLObjectType[],
) {
  const fragment = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
  if (fragment === undefined) throw new Error('a spread without its fragment');
  const condition = fragment.typeCondition?.name.value;
  const named = condition === undefined ? undefined : schema.getType(condition);
  const entering = types.filter(
    (type) =>
      named === undefined ||
      type.name === condition ||
      (isAbstractType(named) && schema.isSubType(named, type)),
  );
  return { selectionSet: fragment.selectionSet, types: entering };
}
