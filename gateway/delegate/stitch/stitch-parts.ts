/** Describes the composed graph in parts, for the engine without stitching. */
import type { GraphParts, JoinPart, KeyTarget, Source } from '../../graph/graph-parts.ts';
import { type ComposedSubgraph, type Joins, joinTargets } from './stitch-config.ts';
import { keysMax } from './stitch-fetch.ts';
import type { Link } from './stitch-links.ts';
import { keyedFields } from './stitch-subschema.ts';
import { checkTarget } from './stitch-target.ts';

/** Undefined if some upstream can only be asked through the schema. */
export function toGraphParts(about: {
  subgraphs: readonly ComposedSubgraph[];
  joins: Joins;
  links: readonly Link[];
  owners: ReadonlyMap<string, string>;
}): GraphParts | undefined {
  const { subgraphs, joins, links, owners } = about;
  const sources = new Map<string, Source>();
  for (const subgraph of subgraphs) {
    const { name, direct, kind } = subgraph;
    if (direct === undefined) return undefined;
    const keyed = keyedFields(subgraph, joins, links);
    sources.set(name, { ...direct, name, keyed, keysMax: keysMax[kind] });
  }
  return {
    owners,
    sources,
    joins: new Map(
      Object.entries(joins).map(([typeName, join]): [string, JoinPart] => {
        const targets = joinTargets(join).map(([name, target]): [string, KeyTarget] => {
          const subgraph = subgraphs.find((one) => one.name === name);
          if (subgraph === undefined) throw new Error(`there is no upstream ${name}`);
          return [name, checkTarget(subgraph, target, `joins.${typeName}`)];
        });
        return [typeName, { key: join.key, targets: new Map(targets) }];
      }),
    ),
    links: new Map(
      links.map(({ typeName, fieldName, config, target, keyField }) => [
        `${typeName}.${fieldName}`,
        { target, from: config.from, isKeyed: keyField !== undefined },
      ]),
    ),
  };
}
