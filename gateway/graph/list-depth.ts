/** The list levels of a type: deeper paths lead into its items' own fields, or into a leaf value. */
import { type GraphQLType, getNullableType, isListType } from 'graphql';

/** How many lists wrap a type. */
export function listDepthOf(type: GraphQLType): number {
  const nullable = getNullableType(type);
  return isListType(nullable) ? 1 + listDepthOf(nullable.ofType) : 0;
}
