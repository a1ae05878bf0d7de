/**
 * Finds a repeated member in a request's JSON object, or in its persisted query. JSON.parse takes
 * the last; a filter in front that takes the first has seen another request (RFC 8259, 4).
 *
 * Inside variables the last one counts: only the parsed value is used.
 */
import { endOfString } from '../json-string.ts';
import { isJsonObject } from '../json-value.ts';

/** Member names that must be unique, each with those in its value. */
interface Names {
  readonly [name: string]: Names;
}

const none: Names = {};

/** Names in a request's extensions. */
export const extensionNames: Names = { persistedQuery: { version: none, sha256Hash: none } };

/** Names in a request. */
export const requestNames: Names = {
  query: none,
  documentId: none,
  operationName: none,
  variables: none,
  extensions: extensionNames,
};

/** The name of a repeated GraphQL member; undefined if there is none. `value`: the text, parsed. */
export function findRepeated(
  text: string,
  value: Readonly<Record<string, unknown>>,
  names: Names,
): string | undefined {
  // Nearly all requests have each name once and unescaped.
  if (!text.includes('\\u') && !mayBeTwice(text, value, names)) return undefined;
  return scan(text, names);
}

/** Never misses one: a repeated name is also in the parsed value, and so twice in the text. */
function mayBeTwice(text: string, value: Readonly<Record<string, unknown>>, names: Names): boolean {
  for (const name in names) {
    if (!Object.hasOwn(value, name)) continue;
    if (isTwice(text, `"${name}"`)) return true;
    const inner = value[name];
    const below = names[name] ?? none;
    if (below !== none && isJsonObject(inner) && mayBeTwice(text, inner, below)) return true;
  }
  return false;
}

function isTwice(text: string, part: string): boolean {
  const first = text.indexOf(part);
  return first >= 0 && text.indexOf(part, first + part.length) >= 0;
}

const [quote, colon] = [0x22, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/** An object being read. */
interface Opened {
  readonly names: Names;
  readonly seen: Set<string>;
}

/** An object without relevant names, or a list. */
const plain: Opened = { names: none, seen: new Set() };

/** The text is known to be a JSON object. */
function scan(text: string, names: Names): string | undefined {
  const within: Opened[] = [];
  let next = names;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text.charCodeAt(index);
    if (sign === openBrace || sign === openBracket) {
      within.push(sign === openBrace ? toOpened(next) : plain);
      next = none;
    } else if (sign === closeBrace || sign === closeBracket) within.pop();
    if (sign !== quote) continue;
    const end = endOfString(text, index);
    const object = within.at(-1) ?? plain;
    if (object !== plain && isName(text, end)) {
      const name = String(JSON.parse(text.slice(index, end + 1)));
      if (object.seen.has(name)) return name;
      next = enter(object, name);
    }
    index = end;
  }
  return undefined;
}

const toOpened = (names: Names): Opened =>
  names === none ? plain : { names, seen: new Set<string>() };

/** The relevant names in a member's value; marks the member as seen if it is relevant. */
function enter({ names, seen }: Opened, name: string): Names {
  const below = Object.hasOwn(names, name) ? names[name] : undefined;
  if (below !== undefined) seen.add(name);
  return below ?? none;
}

function isName(text: string, end: number): boolean {
  let index = end + 1;
  while (blanks.has(text.charCodeAt(index))) index += 1;
  return text.charCodeAt(index) === colon;
}

const blanks: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
