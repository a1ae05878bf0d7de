/**
 * Finds variables in places that must not be null. GraphQL allows a nullable variable with a
 * default in a non-null place (section 5.8.5), and reports a null given for it only during
 * execution: in a mutation, after its siblings have run. Here it is refused before anything runs.
 */
import {
  type FragmentDefinitionNode,
  type GraphQLSchema,
  isInputObjectType,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import { createMemo } from '../caches/memo.ts';

export type NullPlaces = (
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
) => ReadonlySet<string>;

/** Variable names, those in fragments included; found once per operation. */
export function createNullPlaces(schema: GraphQLSchema): NullPlaces {
  const namesByOperation = createMemo<OperationDefinitionNode, ReadonlySet<string>>();
  return (operation, fragments) => {
    const found = namesByOperation.get(operation);
    if (found !== undefined) return found;
    const names = new Set<string>();
    if ((operation.variableDefinitions ?? []).length > 0) {
      for (const node of [operation, ...fragments.values()]) collect(schema, node, names);
    }
    namesByOperation.set(operation, names);
    return names;
  };
}

function collect(
  schema: GraphQLSchema,
  definition: OperationDefinitionNode | FragmentDefinitionNode,
  names: Set<string>,
): void {
  const types = new TypeInfo(schema);
  const visitor = {
    // A definition names a variable without using it.
    [Kind.VARIABLE_DEFINITION]: () => false as const,
    [Kind.VARIABLE](node: { name: { value: string } }) {
      const above = types.getParentInputType();
      const isOneOf = isInputObjectType(above) && above.isOneOf;
      if (isOneOf || isNonNullType(types.getInputType())) names.add(node.name.value);
    },
  };
  visit(definition, visitWithTypeInfo(types, visitor));
}
