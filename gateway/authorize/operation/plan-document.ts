/** Builds the documents that a plan runs: the rewritten operation, and introspection separately. */
import {
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  type SelectionNode,
  type VariableDefinitionNode,
  visit,
} from 'graphql';

/**
 * The operation with other selections and only the variables that they use, including `ours`;
 * undefined if only `__typename` is left, which needs no upstream.
 */
export function toExecutableDocument(
  operation: OperationDefinitionNode,
  selections: readonly SelectionNode[],
  ours: readonly VariableDefinitionNode[] = [],
): { document: DocumentNode; variableNames: readonly string[] } | undefined {
  const asks = selections.some((one) => one.kind !== Kind.FIELD || one.name.value !== '__typename');
  if (!asks) return undefined;
  const rewritten: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: operation.operation,
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
  const definitions = [...(operation.variableDefinitions ?? []), ...ours];
  return withUsedVariables(rewritten, { ...operation, variableDefinitions: definitions }, []);
}

/**
 * The caller's `__schema` and `__type` fields as a separate query, wherever they were selected: the
 * query root may be reachable below a mutation too.
 */
export function toIntrospectionDocument(
  operation: OperationDefinitionNode,
  fields: readonly FieldNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): DocumentNode | undefined {
  if (fields.length === 0) return undefined;
  const apart: OperationDefinitionNode = {
    kind: Kind.OPERATION_DEFINITION,
    operation: OperationTypeNode.QUERY,
    selectionSet: { kind: Kind.SELECTION_SET, selections: fields },
  };
  return withUsedVariables(apart, operation, [...fragments.values()]).document;
}

function withUsedVariables(
  rewritten: OperationDefinitionNode,
  original: OperationDefinitionNode,
  fragments: readonly DefinitionNode[],
): { document: DocumentNode; variableNames: readonly string[] } {
  const used = new Set<string>();
  const bare: DocumentNode = { kind: Kind.DOCUMENT, definitions: [rewritten, ...fragments] };
  visit(bare, {
    Variable(node) {
      used.add(node.name.value);
    },
  });
  const variableDefinitions = (original.variableDefinitions ?? [])
    .filter((definition) => used.has(definition.variable.name.value))
    .map(({ directives: _, ...definition }) => definition);
  return {
    document: { ...bare, definitions: [{ ...rewritten, variableDefinitions }, ...fragments] },
    variableNames: variableDefinitions.map((definition) => definition.variable.name.value),
  };
}
