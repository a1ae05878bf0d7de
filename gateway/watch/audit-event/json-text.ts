/**
 * JSON written by hand, for events that are written with every request: the text that
 * JSON.stringify would write, at a fraction of its cost. Pure.
 */

/** What a JSON text must not hold as it is: control characters, quotes, backslashes, halves of surrogate pairs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const special = /["\\\u0000-\u001f\ud800-\udfff]/;

/** A string as JSON.stringify writes it. */
export function quote(text: string): string {
  return special.test(text) ? JSON.stringify(text) : `"${text}"`;
}

const namesMax = 5_000;
const names = new Map<string, string>();

/** The same for names of the schema, the policies and the configuration, of which there are few. */
export function quoteName(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  // Bounded, whatever a policy is reloaded to.
  if (names.size >= namesMax) names.clear();
  const quoted = quote(name);
  names.set(name, quoted);
  return quoted;
}

const lists = new WeakMap<readonly string[], string>();

/** A list of such names that is kept and used again, as a plan's are. */
export function quoteNames(list: readonly string[]): string {
  const known = lists.get(list);
  if (known !== undefined) return known;
  const text = `[${list.map(quoteName).join()}]`;
  lists.set(list, text);
  return text;
}

/** A number as JSON.stringify writes it: what is none becomes null. */
export const toNumber = (value: number): string => (Number.isFinite(value) ? `${value}` : 'null');
