/**
 * Reads a GraphQL request from the body of a POST (GraphQL over HTTP, 5.4). Pure; fails closed.
 *
 * Values stay as sent: a member named `__proto__` is an ordinary member, and readers of variables
 * look at own properties only.
 */
import { Refusal } from '../decision.ts';
import { isJsonObject } from '../json-value.ts';
import { parseJson } from './parse-json.ts';
import { findRepeated, requestNames } from './repeated-member.ts';

export interface GraphqlRequest {
  /** Undefined if the request names a document instead (`documentId`, a persisted query). */
  readonly query: string | undefined;
  readonly documentId: unknown;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
  readonly method: 'GET' | 'POST';
}

/** Parameters as found; their types are not checked yet. */
export interface RequestParameters {
  readonly query: unknown;
  readonly documentId: unknown;
  readonly operationName: unknown;
  readonly variables: unknown;
  readonly extensions: unknown;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The body's text. A byte order mark is kept, so that JSON refuses it. */
export function decodeBody(bytes: Uint8Array): string | Refusal {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return malformed('The body is not UTF-8.');
    throw error;
  }
}

/** The request in a body's text, each member at most once; unknown members are ignored. */
export function parseGraphqlRequest(text: string): GraphqlRequest | Refusal {
  const body = parseJson(text);
  if (body instanceof Refusal) return body;
  if (Array.isArray(body.value)) return new Refusal('admit/batch');
  if (!isJsonObject(body.value)) return malformed('The body is not an object.');
  const { value } = body;
  const repeated = findRepeated(text, value, requestNames);
  if (repeated !== undefined) return malformed(`${repeated} is given twice.`);
  const own = (name: string): unknown => (Object.hasOwn(value, name) ? value[name] : undefined);
  return toGraphqlRequest('POST', {
    query: own('query'),
    documentId: own('documentId'),
    operationName: own('operationName'),
    variables: own('variables'),
    extensions: own('extensions'),
  });
}

/** Checks the parameters' types; null means absent. */
export function toGraphqlRequest(
  method: GraphqlRequest['method'],
  found: RequestParameters,
): GraphqlRequest | Refusal {
  const query = found.query ?? undefined;
  const documentId = found.documentId ?? undefined;
  const operationName = found.operationName ?? undefined;
  if (operationName !== undefined && typeof operationName !== 'string') {
    return malformed('operationName must be a string.');
  }
  const variables = found.variables ?? {};
  if (!isJsonObject(variables)) return malformed('variables must be an object.');
  const extensions = found.extensions ?? undefined;
  if (extensions !== undefined && !isJsonObject(extensions)) {
    return malformed('extensions must be an object.');
  }
  const namesOne = documentId !== undefined || Object.hasOwn(extensions ?? {}, 'persistedQuery');
  if (typeof query !== 'string' && (query !== undefined || !namesOne)) {
    return malformed('query must be a string.');
  }
  return { query, documentId, operationName, variables, extensions, method };
}

function malformed(detail: string): Refusal {
  return new Refusal('admit/body-malformed', { detail });
}
