/** A shortest path from a root field to a coordinate: `Query.employees.manager.ssn`. */
import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { splitCoordinate } from '../../graph/coordinate.ts';

type Step = readonly [words: string, to: GraphQLNamedType];

/**
 * The path is undefined if no root field reaches the coordinate. A possible type is named in
 * brackets: `Query.things[Book].label`; an input follows its argument: `Query.people(order:).NAME`.
 */
export function createPathOf(schema: GraphQLSchema): (coordinate: string) => string | undefined {
  const ways = new Map<GraphQLNamedType, string>();
  for (const root of [schema.getQueryType(), schema.getMutationType()]) {
    if (root) ways.set(root, root.name);
  }
  // Breadth-first: a Map iterates over entries that are added during the iteration.
  for (const [type, way] of ways) {
    for (const [words, to] of stepsFrom(schema, type)) {
      if (!ways.has(to)) ways.set(to, `${way}${words}`);
    }
  }
  return (coordinate) => {
    const [typeName, name] = splitCoordinate(coordinate);
    const type = schema.getType(typeName);
    const way = type && ways.get(type);
    return way === undefined ? undefined : `${way}.${name}`;
  };
}

function stepsFrom(schema: GraphQLSchema, type: GraphQLNamedType): Step[] {
  const concrete = isAbstractType(type)
    ? schema.getPossibleTypes(type).map((one): Step => [`[${one.name}]`, one])
    : [];
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map(
      ({ name, type: of }): Step => [`.${name}`, getNamedType(of)],
    );
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return concrete;
  return Object.values(type.getFields())
    .flatMap(({ name, type: of, args }): Step[] => [
      [`.${name}`, getNamedType(of)],
      ...args.map((one): Step => [`.${name}(${one.name}:)`, getNamedType(one.type)]),
    ])
    .concat(concrete);
}
