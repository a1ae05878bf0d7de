/**
 * Determines for each coordinate of the composed graph its upstream, and whether it costs another
 * call and may therefore be missing although its object is present.
 */
import { isInterfaceType, isObjectType } from 'graphql';
import { type ComposedSubgraph, type Joins, joinTargets, type Links } from './stitch-config.ts';
import { ownTypes, rootTypes } from './stitch-conflicts.ts';

export interface CompositionParts {
  readonly subgraphs: readonly ComposedSubgraph[];
  readonly joins?: Joins;
  readonly links?: Links;
}

/** Coordinate `Type.field` to its upstream; a key belongs to the first upstream of its join. */
export function findOwners({
  subgraphs,
  joins = {},
  links = {},
}: CompositionParts): Map<string, string> {
  const owners = new Map<string, string>();
  for (const { name, schema } of subgraphs) {
    const types = ownTypes(schema).map((type) => [type.name, type] as const);
    for (const [typeName, type] of [...rootTypes(schema), ...types]) {
      if (!isObjectType(type) && !isInterfaceType(type)) continue;
      for (const field of Object.keys(type.getFields())) owners.set(`${typeName}.${field}`, name);
    }
  }
  for (const [typeName, join] of Object.entries(joins)) {
    const first = joinTargets(join)[0];
    if (first !== undefined) owners.set(`${typeName}.${join.key}`, first[0]);
  }
  for (const [coordinate, { upstream }] of Object.entries(links)) owners.set(coordinate, upstream);
  return owners;
}

/** All fields of joined types except the key, and every link. */
export function findJoined({ subgraphs, joins = {}, links = {} }: CompositionParts): Set<string> {
  const joined = new Set(Object.keys(links));
  for (const [typeName, join] of Object.entries(joins)) {
    for (const { schema } of subgraphs) {
      const type = schema.getType(typeName);
      const fields = isObjectType(type) ? Object.keys(type.getFields()) : [];
      for (const field of fields) if (field !== join.key) joined.add(`${typeName}.${field}`);
    }
  }
  return joined;
}
