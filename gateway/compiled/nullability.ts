/** What types say of nulls and lists, and what must not differ between an upstream and the graph. */
import {
  type GraphQLField,
  type GraphQLOutputType,
  getNullableType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { Source } from '../graph/graph-parts.ts';
import { Unsupported } from './program.ts';

/** What the answer's schema lets be null, the graph must too, or a null would have no place. */
export function refuseStricter(
  definition: Pick<GraphQLField<unknown, unknown>, 'type'>,
  executable: Pick<GraphQLField<unknown, unknown>, 'type'>,
): void {
  let upstream: unknown = definition.type;
  let graph: unknown = executable.type;
  for (;;) {
    if (isNonNullType(graph) && !isNonNullType(upstream)) throw new Unsupported('nullability');
    const innerGraph = getNullableType(graph as never) as unknown;
    const innerUpstream = getNullableType(upstream as never) as unknown;
    if (isListType(innerGraph) !== isListType(innerUpstream)) throw new Unsupported('lists');
    if (!isListType(innerGraph) || !isListType(innerUpstream)) return;
    graph = innerGraph.ofType;
    upstream = innerUpstream.ofType;
  }
}

/** How many lists are around a type. */
export function listDepthOf(type: GraphQLOutputType): number {
  const nullable = getNullableType(type);
  return isListType(nullable) ? 1 + listDepthOf(nullable.ofType) : 0;
}

/** Whether null is no answer for a root field: its upstream promises one. */
export function isRequired(source: Source, coordinate: string): boolean {
  return source.kind === 'graphql' && source.required.has(coordinate);
}
