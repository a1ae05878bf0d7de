/** The query of a call: its parameters, each in its own style, and the properties asked for. */
import { UpstreamFailure } from '../../../errors.ts';
import { itemsOf, toDeepPairs } from './deep-pairs.ts';
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
      return itemsOf(value, refuse).map((item) => toPair(wire, item));
    case 'comma':
    case 'space':
    case 'pipe': {
      const texts = itemsOf(value, refuse).map(String);
      return [`${encode(wire)}=${joinItems(texts, style, { encode, refuse })}`];
    }
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

function toPair(name: string, value: unknown): string {
  return `${encode(name)}=${encode(String(value))}`;
}

/** Percent-encoded, so that every upstream decodes exactly the caller's text. */
function encode(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : text;
}
