/**
 * The request of one REST call. Pure; guards against what a caller's value could do to the URL.
 */
import { UpstreamFailure } from '../../../errors.ts';
import type { UpstreamRequest } from '../../upstream.ts';
import { toQuery } from './query-text.ts';
import type { RestOperation } from './rest-operation.ts';
import { refusing, writeChecked } from './write-argument.ts';
import { toPathSegment } from './write-path-segment.ts';

/**
 * The request for a call; throws UpstreamFailure for a value that must not be sent. `fields` are
 * the properties to ask for, if the operation supports that.
 */
export function toUpstreamRequest(
  operation: RestOperation,
  args: Readonly<Record<string, unknown>>,
  upstream: string,
  fields?: readonly string[],
): UpstreamRequest {
  let path = '';
  for (const part of operation.path) {
    path += typeof part === 'string' ? part : toPathSegment(args[part.argument], part, upstream);
  }
  if (operation.isElsewhere?.(path)) {
    throw new UpstreamFailure({
      code: 'ARGUMENT_REFUSED',
      upstream,
      why: 'a path parameter refused: the path of another operation',
    });
  }
  const query = toQuery(operation, args, { upstream, fields });
  const { method, label, body } = operation;
  const given = body === undefined ? undefined : args[body.argument];
  const about = {
    method,
    path: query === '' ? path : `${path}?${query}`,
    label,
    // A GET that the configuration declares a mutation counts as one.
    isRead: method === 'GET' && operation.coordinate.startsWith('Query.'),
    headers: headersOf(operation),
  };
  if (body === undefined || given === undefined) return about;
  const written = writeChecked(given, body, upstream);
  return {
    ...about,
    headers: { ...about.headers, 'content-type': body.mediaType },
    body: refusing(body, upstream, () => body.toText(written)),
  };
}

const knownHeaders = new WeakMap<RestOperation, Readonly<Record<string, string>>>();

/** The same object for every call without a body. */
function headersOf(operation: RestOperation): Readonly<Record<string, string>> {
  const known = knownHeaders.get(operation);
  if (known !== undefined) return known;
  const headers = Object.freeze({ accept: operation.answer?.mediaType ?? 'application/json' });
  knownHeaders.set(operation, headers);
  return headers;
}
