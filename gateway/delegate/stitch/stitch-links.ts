/**
 * Fields that follow a key: `Employee.manager` asks the upstream for the employee whose id is
 * `managerId`. Adds the field to the graph, or replaces an upstream's field of that name.
 *
 * Objects are fetched once per key, field and caller's request; each position gets its own copy,
 * which joins then extend like any other object.
 */
import {
  resolveExternalValue,
  type Subschema,
  type SubschemaConfig,
} from '@graphql-tools/delegate';
import {
  type FieldNode,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  isObjectType,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { didYouMean } from '../../files/nearest.ts';
import { splitCoordinate } from '../../graph/coordinate.ts';
import type { KeyTarget } from '../../graph/graph-parts.ts';
import { copyRow } from '../../graph/rekey-rows.ts';
import type { ComposedSubgraph, Joins, LinkConfig } from './stitch-config.ts';
import { createFetchByKey, type Fetched } from './stitch-fetch.ts';
import { checkTarget } from './stitch-target.ts';

export interface Link {
  readonly typeName: string;
  readonly fieldName: string;
  readonly config: LinkConfig;
  readonly target: KeyTarget;
  readonly kind: ComposedSubgraph['kind'];
  /** The key field of the target type, if its rows can state it. */
  readonly keyField: string | undefined;
}

/** The checked link; throws Error with what is wrong. */
export function readLink(
  coordinate: string,
  config: LinkConfig,
  about: { subgraphs: readonly ComposedSubgraph[]; joins: Joins },
): Link {
  const where = `links.${coordinate}`;
  const [typeName, fieldName] = splitCoordinate(coordinate);
  if (!/^[_A-Za-z]\w*\.[_A-Za-z]\w*$/.test(coordinate)) {
    throw new Error(`${where}: write Type.field`);
  }
  const types = about.subgraphs
    .flatMap(({ schema }) => Object.values(schema.getTypeMap()).filter(isObjectType))
    .map(({ name }) => name);
  if (!types.includes(typeName)) {
    throw new Error(`${where}: there is no object type ${typeName}${didYouMean(typeName, types)}`);
  }
  const subgraph = about.subgraphs.find(({ name }) => name === config.upstream);
  if (subgraph === undefined) throw new Error(`${where}: there is no upstream ${config.upstream}`);
  const target = checkTarget(subgraph, config, where);
  const join = Object.hasOwn(about.joins, target.type.name)
    ? about.joins[target.type.name]
    : undefined;
  const fields = target.type.getFields();
  const keyField = join?.key ?? (Object.hasOwn(fields, 'id') ? 'id' : undefined);
  if (target.isBatch && keyField === undefined) {
    throw new Error(`${where}: rows of ${target.type.name} have no key to be matched by`);
  }
  return { typeName, fieldName, config, target, kind: subgraph.kind, keyField };
}

/** The resolver of a link; `config` is that of the target upstream. */
export function createLinkResolver(
  link: Link,
  config: SubschemaConfig,
): GraphQLFieldResolver<Record<string, unknown>, object> {
  const { target } = link;
  const fetch = createFetchByKey(target, link);
  const underWay = new WeakMap<object, FetchedByNodes>();
  return async (parent, _args, context, info) => {
    const key = target.toKey(parent[link.config.from]);
    if (key === null || key instanceof Error) return key;
    const subschema = composedSubschema(info, config);
    const byKey = requestsOf(underWay, context, info.fieldNodes);
    let fetched = byKey.get(key);
    if (fetched === undefined) {
      const selectionSet = selectedBy(info.fieldNodes);
      fetched = fetch(key, context, info, subschema, selectionSet, key, target.type);
      byKey.set(key, fetched);
    }
    const own = copyRow(await fetched);
    return resolveExternalValue(own, [], subschema, context, info);
  };
}

type FetchedByKey = Map<string | number, Promise<Fetched>>;
type FetchedByNodes = WeakMap<readonly FieldNode[], FetchedByKey>;

/** Bounded by one caller's request: the maps are released with its context. */
function requestsOf(
  underWay: WeakMap<object, FetchedByNodes>,
  context: object,
  nodes: readonly FieldNode[],
): FetchedByKey {
  const byNodes: FetchedByNodes = underWay.get(context) ?? new WeakMap();
  underWay.set(context, byNodes);
  const byKey: FetchedByKey = byNodes.get(nodes) ?? new Map();
  byNodes.set(nodes, byKey);
  return byKey;
}

function selectedBy(nodes: readonly FieldNode[]): SelectionSetNode {
  const selections = nodes.flatMap((node): readonly SelectionNode[] =>
    node.selectionSet ? node.selectionSet.selections : [],
  );
  return { kind: Kind.SELECTION_SET, selections };
}

interface StitchingInfo {
  readonly subschemaMap: ReadonlyMap<unknown, Subschema>;
}

function composedSubschema(info: GraphQLResolveInfo, config: SubschemaConfig): Subschema {
  const stitching = info.schema.extensions.stitchingInfo as StitchingInfo | undefined;
  const subschema = stitching?.subschemaMap.get(config);
  if (subschema === undefined) throw new Error(`${config.name} is no part of this schema`);
  return subschema;
}
