/**
 * Decides whether the operation to be executed may be sent by its HTTP method. Runs after parsing,
 * for the operation selected by `operationName`: a document may contain a query and a mutation.
 */
import { Refusal } from '../decision.ts';
import type { GraphqlRequest } from './graphql-request.ts';

/** A GET must be safe (RFC 9110, 9.2.1): links, images and prefetching send it without consent. */
export function refuseByMethod(about: {
  method: GraphqlRequest['method'];
  operationType: 'query' | 'mutation' | 'subscription';
}): Refusal | undefined {
  const fits = about.method === 'POST' || about.operationType === 'query';
  return fits ? undefined : new Refusal('admit/mutation-by-get');
}
