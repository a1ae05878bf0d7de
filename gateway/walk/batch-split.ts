/**
 * Splits a JSON list into the texts of its entries, before the walk parses them. The texts are
 * slices of the caller's own, not serialised anew: what is refused for its spelling (a number that
 * would be rounded) must be refused in a list as well. Fails closed: an invalid list is not split.
 */
import { endOfString } from '../json-string.ts';

/** The entries' texts; undefined if the text is no list of 1 to `entriesMax`. */
export function splitList(text: string, entriesMax: number): readonly string[] | undefined {
  const count = countEntries(text);
  if (count === 0 || count > entriesMax) return undefined;
  const entries = cut(text);
  // If the two readings disagree, an attacker could hide an entry from one of them.
  return entries.length === count ? entries : undefined;
}

function countEntries(text: string): number {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.length : 0;
  } catch {
    // The walk parses the same text, and refuses it in its own words.
    return 0;
  }
}

/** The text is known to be a JSON list. */
function cut(text: string): string[] {
  const entries: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (sign === '"') index = endOfString(text, index);
    else if (sign === '{' || sign === '[') {
      depth += 1;
      if (depth === 1) start = index + 1;
    } else if (sign === '}' || sign === ']') {
      depth -= 1;
      if (depth === 0) entries.push(text.slice(start, index));
    } else if (sign === ',' && depth === 1) {
      entries.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return entries;
}
