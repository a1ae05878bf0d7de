/**
 * Writes JSON by hand for events that every request writes: the same text as JSON.stringify, at a
 * fraction of its cost. Pure.
 */

/** Characters that JSON strings must escape, and lone surrogates. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const special = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A string as JSON.stringify writes it. */
export function quote(text: string): string {
  return isPlain(text) ? `"${text}"` : JSON.stringify(text);
}

/** The same without the quotation marks. */
export function quoteInner(text: string): string {
  return isPlain(text) ? text : JSON.stringify(text).slice(1, -1);
}

/** Ids are shorter, and for these a loop costs less than a regular expression. */
const shortMax = 64;

function isPlain(text: string): boolean {
  if (text.length > shortMax) return !special.test(text);
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x20 || code === 0x22 || code === 0x5c) return false;
    if (code >= 0xd800 && code <= 0xdfff) return false;
  }
  return true;
}

const namesMax = 5_000;
const names = new Map<string, string>();

/** The same for names of the schema, the policies and the configuration, of which there are few. */
export function quoteName(name: string): string {
  const cached = names.get(name);
  if (cached !== undefined) return cached;
  // Bounded, however many names policy reloads bring.
  if (names.size >= namesMax) names.clear();
  const quoted = quote(name);
  names.set(name, quoted);
  return quoted;
}

const lists = new WeakMap<readonly string[], string>();

/** A list of such names that is kept and used again, as a plan's lists are. */
export function quoteNames(list: readonly string[]): string {
  const cached = lists.get(list);
  if (cached !== undefined) return cached;
  const text = `[${list.map(quoteName).join()}]`;
  lists.set(list, text);
  return text;
}

/** A number as JSON.stringify writes it: null unless finite. */
export const toNumber = (value: number): string => (Number.isFinite(value) ? `${value}` : 'null');

let lastTime = Number.NaN;
let lastTimeText = '';

/** The same for times, which successive events share. */
export function toTime(ms: number): string {
  if (ms !== lastTime) {
    lastTimeText = toNumber(ms);
    lastTime = ms;
  }
  return lastTimeText;
}

type Part = string | number | object | undefined;

/** Enough for the first and the closing events of two operations. */
const lateMax = 4;

/**
 * Memoizes a text of up to three parts that is the same for many events in a row: the latest few
 * are kept. The pieces are joined to one flat string; a rope would be walked again by each event.
 */
export function keepLate<A extends Part>(make: (a: A) => readonly string[]): (a: A) => string;
export function keepLate<A extends Part, B extends Part>(
  make: (a: A, b: B) => readonly string[],
): (a: A, b: B) => string;
export function keepLate<A extends Part, B extends Part, C extends Part>(
  make: (a: A, b: B, c: C) => readonly string[],
): (a: A, b: B, c: C) => string;
export function keepLate(
  make: (a: Part, b: Part, c: Part) => readonly string[],
): (a: Part, b: Part, c: Part) => string {
  const late: { readonly a: Part; readonly b: Part; readonly c: Part; readonly text: string }[] =
    [];
  let oldest = 0;
  // Named parameters, since rest parameters would allocate an array per call.
  return (a, b, c) => {
    for (let at = 0; at < late.length; at += 1) {
      const kept = late[at];
      if (kept !== undefined && kept.a === a && kept.b === b && kept.c === c) return kept.text;
    }
    const text = make(a, b, c).join('');
    late[oldest] = { a, b, c, text };
    oldest = (oldest + 1) % lateMax;
    return text;
  };
}
