/** The query of a call: its parameters, each in its own style, and the properties asked for. */
import { UpstreamFailure } from '../../../errors.ts';
import { toDeepPairs } from './deep-pairs.ts';
import { joinItems } from './delimited-list.ts';
import { toKeyed, toText } from './pair-text.ts';
import type { QueryStyle, RestOperation } from './rest-operation.ts';
import { refuse, writeChecked } from './write-argument.ts';

/** Without the `?`; empty if nothing is asked. */
export function toQuery(
  operation: RestOperation,
  args: Readonly<Record<string, unknown>>,
  { upstream, fields }: { upstream: string; fields: readonly string[] | undefined },
): string {
  const parts: string[] = [];
  for (const parameter of operation.query) {
    const value = args[parameter.argument];
    if (value === undefined || value === null) continue;
    const written = writeChecked(value, parameter, upstream);
    if (hasEmptyList(written)) throw refuse(parameter, 'an empty list', upstream);
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

/**
 * A list without items has no spelling in a query. Left out, it would lift the filter that the
 * caller wrote: the service would answer with everything.
 */
function hasEmptyList(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!Array.isArray(value)) return Object.values(value).some(hasEmptyList);
  return value.every((item) => item === null) || value.some(hasEmptyList);
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
    case 'pipe':
      return [`${encode(wire)}=${joinItems(toTexts(value), style, { encode, refuse })}`];
    case 'deep': {
      const means = { encode, refuse };
      const name = encode(wire);
      return toEntries(value).map(
        ([key, item]) => `${toKeyed(name, key, means)}=${toText(item, means)}`,
      );
    }
    case 'nested':
      return toDeepParts(wire, value, refuse);
    case 'spread':
      return toEntries(value).map(([key, item]) => toPair(key, item));
  }
}

/** Bounded: a long key above a long list is repeated for each item. */
function toDeepParts(wire: string, value: unknown, refuse: (why: string) => Error): string[] {
  const parts: string[] = [];
  let characters = 0;
  for (const [name, text] of toDeepPairs(encode(wire), value, { encode, refuse })) {
    characters += name.length + text.length + 2;
    if (characters > deepCharactersMax) throw refuse('an object that is too large for a query');
    parts.push(`${name}=${text}`);
  }
  return parts;
}

const deepCharactersMax = 64 * 2 ** 10;

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
