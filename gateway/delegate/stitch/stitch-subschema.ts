/**
 * Describes one upstream for stitching: its schema without the fields that links replace, an
 * executor that places its failures, and how joined types are fetched.
 */
import type { SubschemaConfig } from '@graphql-tools/delegate';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import type { GraphQLSchema } from 'graphql';
import { placedNow } from '../../files/misfit-error.ts';
import type { KeyedFields } from '../graphql/graphql-key-selection.ts';
import { type ComposedSubgraph, type Joins, joinTargets } from './stitch-config.ts';
import { adaptExecutor } from './stitch-failures.ts';
import { createMergeConfig } from './stitch-joins.ts';
import type { Link } from './stitch-links.ts';

/** The configuration: keys selected, failures as values, one request per level for GraphQL. */
export function toSubschema(
  subgraph: ComposedSubgraph,
  joins: Joins,
  links: readonly Link[],
): SubschemaConfig {
  const merge = Object.fromEntries(
    Object.entries(joins)
      .filter(([, join]) => joinTargets(join).some(([upstream]) => upstream === subgraph.name))
      .map(([typeName, join]) => [
        typeName,
        placedNow(['joins', typeName, subgraph.name], () =>
          createMergeConfig(typeName, join, subgraph),
        ),
      ]),
  );
  const executor = adaptExecutor({
    executor: subgraph.executor,
    keyed: keyedFields(subgraph, joins, links),
  });
  return {
    name: subgraph.name,
    schema: withoutLinkFields(subgraph.schema, links),
    executor,
    batch: subgraph.kind === 'graphql',
    merge,
  };
}

/** Root fields that are asked by key, mapped to the key field of the type they return. */
export function keyedFields(
  { name }: ComposedSubgraph,
  joins: Joins,
  links: readonly Link[],
): KeyedFields {
  const keyed = new Map<string, string>();
  for (const join of Object.values(joins)) {
    for (const [upstream, target] of joinTargets(join)) {
      if (upstream === name) keyed.set(target.field, join.key);
    }
  }
  for (const { config, keyField } of links) {
    if (config.upstream === name && keyField !== undefined) keyed.set(config.field, keyField);
  }
  return keyed;
}

function withoutLinkFields(schema: GraphQLSchema, links: readonly Link[]): GraphQLSchema {
  if (links.length === 0) return schema;
  const linked = new Set(links.map(({ typeName, fieldName }) => `${typeName}.${fieldName}`));
  return mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: (config, fieldName, typeName) =>
      linked.has(`${typeName}.${fieldName}`) ? null : config,
  });
}
