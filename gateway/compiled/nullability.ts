/** Nullability and list depth of types, and where an upstream and the graph must agree on them. */
import {
  type GraphQLField,
  type GraphQLOutputType,
  getNullableType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Source } from '../graph/graph-parts.ts';
import { Unsupported } from './program.ts';

/** Throws Unsupported if the graph has no place for a null that the upstream may send. */
export function refuseStricter(
  definition: Pick<GraphQLField<unknown, unknown>, 'type'>,
  executable: Pick<GraphQLField<unknown, unknown>, 'type'>,
): void {
  let upstream = definition.type;
  let graph = executable.type;
  for (;;) {
    if (isNonNullType(graph) && !isNonNullType(upstream)) throw new Unsupported('nullability');
    const innerGraph = getNullableType(graph);
    const innerUpstream = getNullableType(upstream);
    if (isListType(innerGraph) !== isListType(innerUpstream)) throw new Unsupported('lists');
    if (!isListType(innerGraph) || !isListType(innerUpstream)) return;
    graph = innerGraph.ofType;
    upstream = innerUpstream.ofType;
  }
}

/** How many lists wrap a type. */
export function listDepthOf(type: GraphQLOutputType): number {
  const nullable = getNullableType(type);
  return isListType(nullable) ? 1 + listDepthOf(nullable.ofType) : 0;
}

/** Whether the upstream promises a non-null value for this root field. */
export function isRequired(source: Source, coordinate: string): boolean {
  return source.kind === 'graphql' && source.required.has(coordinate);
}
