/** Nullability of types, and where an upstream and the graph must agree on it and on lists. */
import { type GraphQLField, getNullableType, isListType, isNonNullType } from 'graphql';
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

/** Whether the upstream promises a non-null value for this root field. */
export function isRequired(source: Source, coordinate: string): boolean {
  return source.kind === 'graphql' && source.required.has(coordinate);
}
