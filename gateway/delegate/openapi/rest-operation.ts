/**
 * One REST call as a root field makes it: where each argument goes, and how the answer is read.
 * Pure; what a caller's value could do to the URL is decided in `toUpstreamRequest`.
 */
import { UpstreamFailure } from '../../errors.ts';
import type { UpstreamRequest } from '../upstream.ts';

/** How a query parameter is spelled: `deep` is `filter[name]=value`. */
export type QueryStyle = 'one' | 'repeat' | 'comma' | 'space' | 'pipe' | 'deep';

export interface RestArgument {
  /** The argument's name in the graph, and the parameter's on the wire. */
  argument: string;
  wire: string;
  write: (value: unknown) => unknown;
}

export interface RestOperation {
  /** `Query.employee` */
  readonly coordinate: string;
  /** `GET /employees/{id}` */
  readonly label: string;
  readonly method: string;
  /** Literal texts and the arguments between them. */
  readonly path: readonly (string | RestArgument)[];
  readonly query: readonly (RestArgument & { style: QueryStyle })[];
  readonly body: (RestArgument & { mediaType: string }) | undefined;
  /** Undefined where the document promises no JSON: the field is true when the call succeeded. */
  readonly answer: RestAnswer | undefined;
}

export interface RestAnswer {
  readonly mediaType: string;
  /** The document declares an answer without a body (204, 205) beside the JSON one. */
  readonly mayBeEmpty: boolean;
  readonly nullable: boolean;
  /** The value that graphql-js completes; an UpstreamFailure where it has another shape. */
  readonly read: (value: unknown) => unknown;
}

type Arguments = Readonly<Record<string, unknown>>;

/** The request for a call; throws an UpstreamFailure for a value that must not be sent. */
export function toUpstreamRequest(
  operation: RestOperation,
  args: Arguments,
  upstream: string,
): UpstreamRequest {
  const path = operation.path
    .map((part) =>
      typeof part === 'string' ? part : toPathPart(args[part.argument], part, upstream),
    )
    .join('');
  const query = toQuery(operation, args, upstream);
  const accept = operation.answer?.mediaType ?? 'application/json';
  const { body } = operation;
  const given = body === undefined ? undefined : args[body.argument];
  return {
    method: operation.method,
    path: query === '' ? path : `${path}?${query}`,
    label: operation.label,
    // A GET that the configuration calls a mutation is one.
    isRead: operation.method === 'GET' && operation.coordinate.startsWith('Query.'),
    ...(body === undefined || given === undefined
      ? { headers: { accept } }
      : {
          headers: { accept, 'content-type': body.mediaType },
          body: JSON.stringify(given === null ? null : body.write(given)),
        }),
  };
}

/**
 * One path segment. Encoding alone is not enough: `..` needs none, and an upstream that decodes
 * before it routes would see the dot segments of `../admin` again.
 */
function toPathPart(value: unknown, { write }: RestArgument, upstream: string): string {
  const text = String(write(value));
  const isRefused =
    text === '' ||
    text.split(/[/\\]/).some((segment) => segment === '.' || segment === '..') ||
    hasControlCharacter(text) ||
    !text.isWellFormed();
  if (isRefused) throw new UpstreamFailure({ upstream, why: 'path parameter refused' });
  return encodeURIComponent(text);
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function toQuery(operation: RestOperation, args: Arguments, upstream: string): string {
  const parts = operation.query.flatMap((parameter) => {
    const value = args[parameter.argument];
    if (value === undefined || value === null) return [];
    return toQueryParts(parameter, parameter.write(value));
  });
  if (!parts.every((part) => part.isWellFormed())) {
    throw new UpstreamFailure({ upstream, why: 'query parameter refused' });
  }
  return parts.join('&');
}

const separators = { comma: ',', space: '%20', pipe: '%7C' };

function toQueryParts(
  { wire, style }: { wire: string; style: QueryStyle },
  value: unknown,
): string[] {
  switch (style) {
    case 'one':
      return [toPair(wire, value)];
    case 'repeat':
      return toTexts(value).map((item) => toPair(wire, item));
    case 'comma':
    case 'space':
    case 'pipe': {
      const items = toTexts(value).map(encode);
      return items.length === 0 ? [] : [`${encode(wire)}=${items.join(separators[style])}`];
    }
    case 'deep':
      return Object.entries(Object(value))
        .filter(([, item]) => item !== null)
        .map(([key, item]) => toPair(`${wire}[${key}]`, item));
  }
}

function toTexts(value: unknown): string[] {
  return [value]
    .flat()
    .filter((item) => item !== null)
    .map(String);
}

function toPair(name: string, value: unknown): string {
  return `${encode(name)}=${encode(String(value))}`;
}

/** As a form does, so that every upstream reads back exactly the text that the caller gave. */
function encode(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : text;
}
