/**
 * Composes the upstreams' subgraphs into one schema with @graphql-tools/stitch, and records the
 * owner of each field. Refuses to start if two upstreams define one name without a join.
 *
 * Execute the schema with a fresh DelegationContext per caller's request as the context value:
 * batching and loaders are bound to it, and nothing outlives it. In the executed document every
 * alias must start with a reserved prefix (see stitch-joins.ts).
 */
import type { SubschemaConfig } from '@graphql-tools/delegate';
import { stitchSchemas, ValidationLevel } from '@graphql-tools/stitch';
import {
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isLeafType,
  isObjectType,
  validateSchema,
} from 'graphql';
import { MisfitError, placedNow } from '../../files/misfit-error.ts';
import { didYouMean } from '../../files/nearest.ts';
import type { GraphParts } from '../../graph/graph-parts.ts';
import { type ComposedSubgraph, type Joins, joinTargets } from './stitch-config.ts';
import { checkJoinedType, refuseConflicts } from './stitch-conflicts.ts';
import { type CompositionParts, findJoined, findOwners } from './stitch-coordinates.ts';
import { createLinkResolver, type Link, readLink } from './stitch-links.ts';
import { toGraphParts } from './stitch-parts.ts';
import { toSubschema } from './stitch-subschema.ts';

export interface ComposedGraph {
  readonly schema: GraphQLSchema;
  /** Coordinate `Type.field` (objects, interfaces, Query, Mutation) to its upstream. */
  readonly owners: ReadonlyMap<string, string>;
  /** Coordinates that may be missing although their object is present: they cost another call. */
  readonly joined: ReadonlySet<string>;
  /** Undefined if some upstream can only be asked through the schema. */
  readonly parts: GraphParts | undefined;
  /** Query fields that are asked by key, as coordinates, with the join or link that uses them. */
  readonly keyed: ReadonlyMap<string, string>;
}

/** Composes all subgraphs; throws Error naming the upstreams, or MisfitError with the entry. */
export function composeSchema(parts: CompositionParts): ComposedGraph {
  const { subgraphs, joins = {}, links = {} } = parts;
  refuseConflicts(subgraphs, joins);
  for (const [typeName, join] of Object.entries(joins)) {
    placedNow(['joins', typeName], () => {
      checkJoinTargets(typeName, join, subgraphs);
      checkJoinedType(typeName, join, subgraphs);
    });
  }
  const read = Object.entries(links).map(([coordinate, config]) =>
    placedNow(['links', coordinate], () => readLink(coordinate, config, { subgraphs, joins })),
  );
  const configs = new Map(
    subgraphs.map((subgraph) => [subgraph.name, toSubschema(subgraph, joins, read)]),
  );
  const schema = stitch(configs, joins, read);
  const problems = validateSchema(schema);
  if (problems.length > 0) {
    throw new Error(`the composed schema is invalid: ${problems.map(String).join('; ')}`);
  }
  for (const link of read) {
    placedNow(['links', `${link.typeName}.${link.fieldName}`], () => checkSource(schema, link));
  }
  const owners = findOwners(parts);
  return {
    schema,
    owners,
    joined: findJoined(parts),
    parts: toGraphParts({ subgraphs, joins, links: read, owners }),
    keyed: findKeyed(joins, read),
  };
}

function findKeyed(joins: Joins, links: readonly Link[]): ReadonlyMap<string, string> {
  const targets = Object.entries(joins).flatMap(([type, join]) =>
    joinTargets(join).map(([, { field }]) => [`Query.${field}`, `the join of ${type}`] as const),
  );
  const linked = links.map(
    ({ typeName, fieldName, config }) =>
      [`Query.${config.field}`, `the link ${typeName}.${fieldName}`] as const,
  );
  return new Map([...linked, ...targets]);
}

function checkJoinTargets(
  typeName: string,
  join: Joins[string],
  subgraphs: readonly ComposedSubgraph[],
): void {
  for (const [upstream] of joinTargets(join)) {
    const subgraph = subgraphs.find(({ name }) => name === upstream);
    if (subgraph === undefined) {
      throw new Error(`joins.${typeName}: there is no upstream ${upstream}`);
    }
    if (subgraph.schema.getType(typeName) === undefined) {
      const message = `joins.${typeName}: ${upstream} has no type ${typeName}`;
      throw new MisfitError(message, ['joins', typeName, upstream]);
    }
  }
}

type StitchOptions = Parameters<typeof stitchSchemas>[0];
type FieldMerger = NonNullable<
  NonNullable<StitchOptions['typeMergingOptions']>['fieldConfigMerger']
>;

function stitch(
  configs: ReadonlyMap<string, SubschemaConfig>,
  joins: Joins,
  links: readonly Link[],
): GraphQLSchema {
  return stitchSchemas({
    subschemas: [...configs.values()],
    typeDefs: links.map(
      ({ typeName, fieldName, target }) =>
        `extend type ${typeName} { ${fieldName}: ${target.type.name} }`,
    ),
    resolvers: links.map((link) => toResolvers(link, configs.get(link.config.upstream))),
    // Directives in the upstreams' schemas have no meaning here.
    mergeDirectives: false,
    typeMergingOptions: {
      fieldConfigMerger: preferText(joins),
      // It would only print warnings; the checks here refuse to start.
      validationSettings: { validationLevel: ValidationLevel.Off },
    },
  });
}

function toResolvers(link: Link, config: SubschemaConfig | undefined) {
  if (config === undefined) throw new Error(`there is no upstream ${link.config.upstream}`);
  const selectionSet = `{ ${link.config.from} }`;
  const resolve = createLinkResolver(link, config);
  return { [link.typeName]: { [link.fieldName]: { selectionSet, resolve } } };
}

/** Only keys come from several upstreams, and one may type a key as a number, another as an ID. */
function preferText(joins: Joins): FieldMerger {
  return (candidates) => {
    const isKey = candidates.some(({ type, fieldName }) => joins[type.name]?.key === fieldName);
    const text = candidates.find(({ fieldConfig }) =>
      ['ID', 'String'].includes(getNamedType(fieldConfig.type).name),
    );
    const chosen = (isKey ? text : undefined) ?? candidates[0];
    if (chosen === undefined) throw new Error('a field without a definition');
    return chosen.fieldConfig;
  };
}

function checkSource(schema: GraphQLSchema, { typeName, fieldName, config }: Link): void {
  const where = `links.${typeName}.${fieldName}`;
  const type = schema.getType(typeName);
  if (!isObjectType(type)) throw new Error(`${where}: ${typeName} is no object type`);
  const from = type.getFields()[config.from];
  if (from === undefined) {
    const hint = didYouMean(config.from, Object.keys(type.getFields()));
    throw new Error(`${where}: there is no ${typeName}.${config.from}${hint}`);
  }
  if (from.args.length > 0 || !isLeafType(getNullableType(from.type))) {
    throw new Error(`${where}: ${typeName}.${config.from} is no plain scalar`);
  }
}
