/**
 * Converts `joins` to stitching's merge configuration with a resolver of our own: keys are read
 * from the object, rows are matched by the key that they state, and a failure is set on each field
 * that it affects, so that every error gets the path of its own row.
 *
 * The key is read by field name from the fetched object. That is safe only because no alias in the
 * executed document equals a field's name: the planner gives every alias a reserved prefix.
 * Otherwise a caller's `id: displayName` would make the name the key.
 */
import {
  getVariableValues,
  type MergedTypeConfig,
  type MergedTypeResolver,
} from '@graphql-tools/delegate';
import { collectFields } from '@graphql-tools/utils';
import type {
  GraphQLObjectType,
  GraphQLResolveInfo,
  GraphQLSchema,
  SelectionSetNode,
} from 'graphql';
import type { ComposedSubgraph, JoinConfig } from './stitch-config.ts';
import { createFetchByKey, type Fetched } from './stitch-fetch.ts';
import { checkTarget } from './stitch-target.ts';

/** The merge configuration of a joined type for one upstream. */
export function createMergeConfig(
  typeName: string,
  join: JoinConfig,
  subgraph: ComposedSubgraph,
): MergedTypeConfig {
  const written = join[subgraph.name];
  const where = `joins.${typeName}`;
  if (typeof written !== 'object') throw new Error(`${where}: no entry for ${subgraph.name}`);
  const target = checkTarget(subgraph, written, where);
  if (target.type.name !== typeName) {
    throw new Error(
      `${where}: Query.${target.field} of ${subgraph.name} gives ${target.type.name}`,
    );
  }
  const fetch = createFetchByKey(target, { kind: subgraph.kind, keyField: join.key });
  const resolve: MergedTypeResolver = async (object, context, info, subschema, selectionSet) => {
    const key = target.toKey(Reflect.get(object, join.key));
    const found: Fetched =
      key === null || key instanceof Error
        ? key
        : await fetch(key, context, info, subschema, selectionSet, key, target.type);
    if (!(found instanceof Error)) return found;
    return failEachField(found, { info, selectionSet, schema: subgraph.schema, type: target.type });
  };
  return { selectionSet: `{ ${join.key} }`, resolve };
}

interface Selected {
  readonly info: GraphQLResolveInfo;
  readonly selectionSet: SelectionSetNode;
  readonly schema: GraphQLSchema;
  readonly type: GraphQLObjectType;
}

function failEachField(failure: Error, selected: Selected): Record<string, unknown> {
  const { info, selectionSet, schema, type } = selected;
  const failed: Record<string, unknown> = Object.create(null);
  const variables = getVariableValues(info.variableValues);
  const { fields } = collectFields(schema, info.fragments, variables, type, selectionSet);
  for (const key of fields.keys()) if (key !== '__typename') failed[key] = failure;
  return failed;
}
