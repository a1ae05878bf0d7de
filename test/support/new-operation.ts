import type { OperationTypeNode } from 'graphql';
import type { AuthorizedOperation } from '../../gateway/plan/plan.ts';

/** An authorised operation of which nothing is refused, masked or projected, but for what is told. */
export function newOperation(
  type: `${OperationTypeNode}`,
  about: Partial<AuthorizedOperation> = {},
): AuthorizedOperation {
  const typeName = type === 'mutation' ? 'Mutation' : 'Query';
  return {
    type: type as OperationTypeNode,
    document: undefined,
    variableNames: [],
    introspection: undefined,
    projection: { typeName, byType: new Map(), coordinate: typeName },
    denied: [],
    masked: [],
    allowed: [],
    classified: [],
    denials: [],
    depends: [],
    rowDenials: new Map(),
    ...about,
  };
}
