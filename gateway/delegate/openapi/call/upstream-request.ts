/**
 * The request of one REST call. Pure; guards against what a caller's value could do to the URL.
 */
import { UpstreamFailure } from '../../../errors.ts';
import type { UpstreamRequest } from '../../upstream.ts';
import { toQuery } from './query-text.ts';
import type { RestBody, RestOperation } from './rest-operation.ts';
import { naming, writeChecked } from './write-argument.ts';
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
  const { method, label, headers, body } = operation;
  const given = body === undefined ? undefined : args[body.argument];
  if (query !== '') path = `${path}?${query}`;
  // A GET that the configuration declares a mutation counts as one.
  const isRead = method === 'GET' && operation.coordinate.startsWith('Query.');
  if (body === undefined || given === undefined) return { method, path, label, isRead, headers };
  const text = toBodyText(given, body, upstream);
  return { method, path, label, isRead, headers: body.headers, body: text };
}

function toBodyText(given: unknown, body: RestBody, upstream: string): string {
  const written = writeChecked(given, body, upstream);
  try {
    return body.toText(written);
  } catch (error) {
    throw naming(body, error, upstream);
  }
}
