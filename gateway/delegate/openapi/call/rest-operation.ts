/**
 * One REST call as made by a root field: where each argument goes, and how the answer is read.
 * Pure; `toUpstreamRequest` guards against what a caller's value could do to the URL.
 */
import { UpstreamFailure } from '../../../errors.ts';
import type { UpstreamRequest } from '../../upstream.ts';
import type { AnswerShape } from './answer-shape.ts';
import { joinItems } from './delimited-list.ts';
import type { IsElsewhere } from './other-paths.ts';
import { toKeyed, toText } from './pair-text.ts';
import type { Fieldset } from './select-fields.ts';
import type { FitsSegment } from './shared-segment.ts';

/** How a query parameter is spelled: `deep` is `filter[name]=value`, `spread` is `name=value`. */
export type QueryStyle = 'one' | 'repeat' | 'comma' | 'space' | 'pipe' | 'deep' | 'spread';

export interface RestArgument {
  /** The argument's name in the graph, and the parameter's on the wire. */
  argument: string;
  wire: string;
  /** Converts a coerced value to the wire's. */
  write: (value: unknown) => unknown;
  /** The problem with a written value by the document's constraints; undefined if it fits. */
  check: (value: unknown) => string | undefined;
}

export interface PathArgument extends RestArgument {
  /** Set if the value shares its segment with other text. */
  readonly fits: FitsSegment | undefined;
}

export interface RestOperation {
  /** `Query.employee` */
  readonly coordinate: string;
  /** `GET /employees/{id}` */
  readonly label: string;
  readonly method: string;
  /** Literal text and the arguments between it. */
  readonly path: readonly (string | PathArgument)[];
  /** Set if a value could turn the path into another operation's. */
  readonly isElsewhere: IsElsewhere | undefined;
  readonly query: readonly (RestArgument & { style: QueryStyle })[];
  /** `toText` serialises a written value; throws UpstreamFailure if that is impossible. */
  readonly body:
    | (RestArgument & { mediaType: string; toText: (value: unknown) => string })
    | undefined;
  /** Undefined if the document declares no JSON: the field is then true when the call succeeds. */
  readonly answer: RestAnswer | undefined;
  /** The query parameter that asks the upstream for some of its properties only. */
  readonly select: Fieldset | undefined;
}

export interface RestAnswer {
  readonly mediaType: string;
  /** Whether the document declares an answer without a body (204, 205) beside the JSON one. */
  readonly mayBeEmpty: boolean;
  readonly nullable: boolean;
  /** How the body is read; each field of a type below it has its own reading (`readingOf`). */
  readonly shape: AnswerShape;
  /** The result of `compileRead` for the shape. */
  readonly read: (value: unknown) => unknown;
}

type Arguments = Readonly<Record<string, unknown>>;

/**
 * The request for a call; throws UpstreamFailure for a value that must not be sent. `fields` are
 * the properties to ask for, if the operation supports that.
 */
export function toUpstreamRequest(
  operation: RestOperation,
  args: Arguments,
  upstream: string,
  fields?: readonly string[],
): UpstreamRequest {
  let path = '';
  for (const part of operation.path) {
    path += typeof part === 'string' ? part : toPathPart(args[part.argument], part, upstream);
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

/** The value to send: written, and checked against the document. */
function writeChecked(value: unknown, argument: RestArgument, upstream: string): unknown {
  const written = value === null ? null : refusing(argument, upstream, () => argument.write(value));
  const why = argument.check(written);
  if (why === undefined) return written;
  throw refuse(argument, why, upstream);
}

function refusing<T>(argument: RestArgument, upstream: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    // The function that writes a value does not know its argument's name.
    throw error instanceof UpstreamFailure ? refuse(argument, error.why, upstream) : error;
  }
}

const refuse = ({ argument }: RestArgument, why: string, upstream: string): UpstreamFailure =>
  new UpstreamFailure({
    code: 'ARGUMENT_REFUSED',
    upstream,
    why: `argument ${argument} refused: ${why}`,
  });

/**
 * One path segment. Encoding alone is not enough: `..` needs none, and an upstream that decodes
 * before it routes would see the dot segments of `../admin` again, also in `..;/admin` if it
 * ignores what follows a `;`; and in `/` or `;x` no segment at all.
 */
function toPathPart(value: unknown, argument: PathArgument, upstream: string): string {
  const written = writeChecked(value, argument, upstream);
  const { fits } = argument;
  // Like nearly all keys: nothing to refuse or to encode.
  if (fits === undefined && typeof written === 'string' && plainSegment.test(written)) {
    return written;
  }
  const texts = [written].flat().map(String);
  if (fits !== undefined && !fits(texts)) {
    throw refuse(argument, 'no part of a path segment', upstream);
  }
  if (texts.length === 0 || isRefusedSegment(texts.join(',')) || texts.some(isRefusedSegment)) {
    throw refuse(argument, 'no path segment', upstream);
  }
  return Array.isArray(written)
    ? joinItems(texts, 'comma', {
        encode: encodeURIComponent,
        refuse: (why) => refuse(argument, why, upstream),
      })
    : texts.map(encodeURIComponent).join(',');
}

const plainSegment = /^[\w-]+$/;

function isRefusedSegment(text: string): boolean {
  const segments = text.split(/[/\\]/);
  return (
    /^[/\\]*(?:;|$)/.test(text) ||
    segments.some((segment) => /^\.{1,2}(?:;|$)/.test(segment)) ||
    hasControlCharacter(text) ||
    !text.isWellFormed()
  );
}

function hasControlCharacter(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

function toQuery(
  operation: RestOperation,
  args: Arguments,
  { upstream, fields }: { upstream: string; fields: readonly string[] | undefined },
): string {
  const parts: string[] = [];
  for (const parameter of operation.query) {
    const value = args[parameter.argument];
    if (value === undefined || value === null) continue;
    const written = writeChecked(value, parameter, upstream);
    const refusing = (why: string): Error => refuse(parameter, why, upstream);
    parts.push(...toQueryParts(parameter, written, refusing));
  }
  const { select } = operation;
  if (select !== undefined && fields !== undefined && fields.length > 0) {
    parts.push(`${encode(select.parameter)}=${fields.map(encode).join(',')}`);
  }
  if (!parts.every((part) => part.isWellFormed())) {
    throw new UpstreamFailure({
      code: 'ARGUMENT_REFUSED',
      upstream,
      why: 'a query parameter refused: no well-formed text',
    });
  }
  return parts.join('&');
}

function toQueryParts(
  { wire, style }: { wire: string; style: QueryStyle },
  value: unknown,
  refuse: (why: string) => Error,
): string[] {
  switch (style) {
    case 'one':
      return [toPair(wire, value)];
    case 'repeat':
      return toTexts(value).map((item) => toPair(wire, item));
    case 'comma':
    case 'space':
    case 'pipe': {
      const items = toTexts(value);
      if (items.length === 0) return [];
      return [`${encode(wire)}=${joinItems(items, style, { encode, refuse })}`];
    }
    case 'deep': {
      const means = { encode, refuse };
      const name = encode(wire);
      return toEntries(value).map(
        ([key, item]) => `${toKeyed(name, key, means)}=${toText(item, means)}`,
      );
    }
    case 'spread':
      return toEntries(value).map(([key, item]) => toPair(key, item));
  }
}

function toEntries(value: unknown): [string, unknown][] {
  return Object.entries(Object(value)).filter(([, item]) => item !== null);
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

/** Percent-encoded, so that every upstream decodes exactly the caller's text. */
function encode(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : text;
}
