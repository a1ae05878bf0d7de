/**
 * The leaves of an answer that carry data, as `query/salary<Employment>/alias1`: response keys,
 * with the concrete type of each object. The type comes from what the upstream chose, not from
 * the answer, so that an answer cannot lie about it.
 */
import {
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  parse,
  type SelectionSetNode,
} from 'graphql';

interface Walk {
  schema: GraphQLSchema;
  fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  variant: number;
  found: Set<string>;
}

/** Every leaf of `data` that is not null; a missing `data` has none. */
export function leavesWithData(
  schema: GraphQLSchema,
  operation: string,
  data: unknown,
  variant: number,
): Set<string> {
  const { definitions } = parse(operation);
  const fragments = new Map(
    definitions
      .filter((each) => each.kind === Kind.FRAGMENT_DEFINITION)
      .map((each) => [each.name.value, each]),
  );
  const walk: Walk = { schema, fragments, variant, found: new Set() };
  for (const definition of definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const root = schema.getRootType(definition.operation);
    if (root) walkObject(walk, definition.selectionSet, root, data, definition.operation);
  }
  return walk.found;
}

function walkObject(
  walk: Walk,
  { selections }: SelectionSetNode,
  type: GraphQLObjectType,
  data: unknown,
  path: string,
): void {
  if (typeof data !== 'object' || data === null) return;
  for (const selection of selections) {
    if (selection.kind !== Kind.FIELD) {
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? walk.fragments.get(selection.name.value)
          : selection;
      const condition = fragment?.typeCondition?.name.value;
      if (fragment === undefined || !applies(walk.schema, condition, type)) continue;
      walkObject(walk, fragment.selectionSet, type, data, path);
      continue;
    }
    const key = selection.alias?.value ?? selection.name.value;
    const value: unknown = Reflect.get(data, key);
    const field = type.getFields()[selection.name.value];
    walkValue(walk, selection.selectionSet, field?.type, value, `${path}/${key}`);
  }
}

function walkValue(
  walk: Walk,
  selectionSet: SelectionSetNode | undefined,
  type: GraphQLOutputType | undefined,
  value: unknown,
  path: string,
): void {
  if (value === null || value === undefined) return;
  if (type === undefined || selectionSet === undefined) {
    walk.found.add(path);
    return;
  }
  const types = concreteTypes(walk.schema, type);
  const rows = Array.isArray(value) ? [...value.entries()] : [[walk.variant, value] as const];
  for (const [index, row] of rows) {
    const concrete = types[index % types.length];
    if (concrete) walkObject(walk, selectionSet, concrete, row, `${path}<${concrete.name}>`);
  }
}

function applies(
  schema: GraphQLSchema,
  condition: string | undefined,
  type: GraphQLObjectType,
): boolean {
  if (condition === undefined || condition === type.name) return true;
  const named = schema.getType(condition);
  return isAbstractType(named) && schema.isSubType(named, type);
}

/** The object types a field of this type can hold, in the schema's order. */
export function concreteTypes(
  schema: GraphQLSchema,
  type: GraphQLOutputType,
): readonly GraphQLObjectType[] {
  const named = getNamedType(type);
  if (isAbstractType(named)) return schema.getPossibleTypes(named);
  return isObjectType(named) ? [named] : [];
}
