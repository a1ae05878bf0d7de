/**
 * Reads a GraphQL request from the query of a GET (GraphQL over HTTP, 5.3). Pure; fails closed.
 *
 * Decoding is strict where URLSearchParams repairs: the caller did not send the repaired text, and
 * a filter in front may have read it differently.
 */
import { Refusal } from '../decision.ts';
import { isJsonObject } from '../json-value.ts';
import { type GraphqlRequest, toGraphqlRequest } from './graphql-request.ts';
import { parseJson } from './parse-json.ts';
import { extensionNames, findRepeated } from './repeated-member.ts';

const parameterNames: ReadonlySet<string> = new Set([
  'query',
  'documentId',
  'operationName',
  'variables',
  'extensions',
]);

/** The request in a URL's query, each parameter at most once; unknown ones are ignored. */
export function parseGetRequest(search: string): GraphqlRequest | Refusal {
  const found = readParameters(search.replace(/^\?/, ''));
  if (found instanceof Refusal) return found;
  const variables = toJson(found, 'variables');
  if (variables instanceof Refusal) return variables;
  const extensions = toJson(found, 'extensions');
  if (extensions instanceof Refusal) return extensions;
  if (isJsonObject(extensions.value)) {
    const text = found.get('extensions') ?? '';
    const repeated = findRepeated(text, extensions.value, extensionNames);
    if (repeated !== undefined) return malformed(`${repeated} is given twice.`);
  }
  return toGraphqlRequest('GET', {
    query: found.get('query'),
    documentId: found.get('documentId'),
    operationName: found.get('operationName'),
    variables: variables.value,
    extensions: extensions.value,
  });
}

function readParameters(query: string): ReadonlyMap<string, string> | Refusal {
  const found = new Map<string, string>();
  for (const pair of query.split('&')) {
    const end = pair.indexOf('=');
    const name = decode(end < 0 ? pair : pair.slice(0, end));
    const value = decode(end < 0 ? '' : pair.slice(end + 1));
    if (name === undefined || value === undefined)
      return malformed('Its URL is not encoded as UTF-8.');
    if (!parameterNames.has(name)) continue;
    // Readers that take the first and readers that take the last would see different requests.
    if (found.has(name)) return malformed(`${name} is given twice.`);
    found.set(name, value);
  }
  return found;
}

/** Undefined if the escapes are invalid, decode to no UTF-8, or the text has raw bytes. */
function decode(text: string): string | undefined {
  if (/[^\x21-\x7e]/.test(text)) return undefined;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function toJson(
  found: ReadonlyMap<string, string>,
  name: string,
): { readonly value: unknown } | Refusal {
  const text = found.get(name);
  return text === undefined ? { value: undefined } : parseJson(text, name);
}

function malformed(detail: string): Refusal {
  return new Refusal('admit/body-malformed', { detail });
}
