/**
 * Writes a body as a form (`application/x-www-form-urlencoded`), property by property.
 *
 * No value can start another parameter: names and values are percent-encoded, and anything that a
 * service might read as another name or as two items is refused. Pure; fails closed.
 */
import { isJsonObject } from '../../../json-value.ts';
import { itemsOf, type Pair, toDeepPairs } from './deep-pairs.ts';
import { joinItems } from './delimited-list.ts';
import { checkText, type Means, toText } from './pair-text.ts';

/** How a property is spelled: `deep` is `a[b]=c` and `a[0]=c`, `spread` `b=c`, `json` its JSON. */
export type FormStyle = 'one' | 'repeat' | 'comma' | 'space' | 'pipe' | 'deep' | 'spread' | 'json';

export interface FormField {
  /** The property's name on the wire. */
  readonly wire: string;
  readonly style: FormStyle;
}

type Refuse = (why: string) => Error;

/** Bounds the form: a long key above a long list would be repeated for each item. */
const charactersMax = 4 * 2 ** 20;

/** The form of a written value, without null and absent ones. Throws the error from `refuse`. */
export function writeForm(fields: readonly FormField[], value: unknown, refuse: Refuse): string {
  if (!isJsonObject(value)) return '';
  const means = { encode: (text: string) => encode(text, refuse), refuse };
  const parts: string[] = [];
  let characters = 0;
  for (const field of fields) {
    const given = Object.hasOwn(value, field.wire) ? value[field.wire] : undefined;
    if (given === undefined || given === null) continue;
    for (const [name, text] of toPairs(field, given, means)) {
      characters += name.length + text.length + 2;
      if (characters > charactersMax) throw refuse('a form that is too large');
      parts.push(`${name}=${text}`);
    }
  }
  return parts.join('&');
}

function* toPairs({ wire, style }: FormField, value: unknown, means: Means): Generator<Pair> {
  const name = means.encode(wire);
  switch (style) {
    case 'one':
      yield [name, toText(value, means)];
      return;
    case 'repeat':
      for (const item of itemsOf(value, means.refuse)) yield [name, toText(item, means)];
      return;
    case 'comma':
    case 'space':
    case 'pipe': {
      const texts = itemsOf(value, means.refuse).map((item) => checkText(item, means.refuse));
      yield [name, joinItems(texts, style, means)];
      return;
    }
    case 'deep':
      yield* toDeepPairs(name, value, means);
      return;
    case 'spread':
      for (const [key, item] of Object.entries(Object(value))) {
        if (item !== null) yield [means.encode(key), toText(item, means)];
      }
      return;
    case 'json':
      yield [name, means.encode(JSON.stringify(value))];
  }
}

/** A lone surrogate has no encoding; some encoders replace it by U+FFFD. */
function encode(text: string, refuse: Refuse): string {
  if (text.isWellFormed()) return encodeURIComponent(text);
  throw refuse('no well-formed text');
}
