/**
 * Decides whether the operation that will run may arrive by its method. Asked after parsing, of the
 * operation that `operationName` picks: a document may hold a query beside a mutation.
 */
import { Refusal } from '../decision.ts';
import type { GraphqlRequest } from './graphql-request.ts';

/** A GET only reads (RFC 9110, 9.2.1): links, images and prefetching send it unasked. */
export function refuseByMethod(about: {
  method: GraphqlRequest['method'];
  operationType: 'query' | 'mutation' | 'subscription';
}): Refusal | undefined {
  const fits = about.method === 'POST' || about.operationType === 'query';
  return fits ? undefined : new Refusal('admit/mutation-by-get');
}
