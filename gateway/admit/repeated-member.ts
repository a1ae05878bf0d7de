/**
 * Finds a member that stands twice in a request's JSON object. JSON.parse takes the last; a filter
 * before us that takes the first has looked at another request (RFC 8259, 4).
 *
 * Inside of variables the last one counts: they are looked at where they were parsed, and nowhere else.
 */
import { endOfString } from '../json-string.ts';

const names = ['query', 'documentId', 'operationName', 'variables', 'extensions'];

/**
 * The name of a member of GraphQL's that the object has twice.
 * @param value what JSON.parse made of the text
 */
export function findRepeated(
  text: string,
  value: Readonly<Record<string, unknown>>,
): string | undefined {
  // As good as all have each once, and spell no name with escapes.
  const mayBeTwice = (name: string) => Object.hasOwn(value, name) && isTwice(text, `"${name}"`);
  if (!text.includes('\\u') && !names.some(mayBeTwice)) return undefined;
  const seen = new Set<string>();
  let depth = 0;
  for (let index = 0; index < text.length; index += 1) {
    const sign = text.charCodeAt(index);
    if (sign === openBrace || sign === openBracket) depth += 1;
    else if (sign === closeBrace || sign === closeBracket) depth -= 1;
    if (sign !== quote) continue;
    const end = endOfString(text, index);
    if (depth === 1 && isName(text, end)) {
      const name = String(JSON.parse(text.slice(index, end + 1)));
      if (seen.has(name) && names.includes(name)) return name;
      seen.add(name);
    }
    index = end;
  }
  return undefined;
}

function isTwice(text: string, part: string): boolean {
  const first = text.indexOf(part);
  return first >= 0 && text.indexOf(part, first + part.length) >= 0;
}

const [quote, colon] = [0x22, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

function isName(text: string, end: number): boolean {
  let index = end + 1;
  while (blanks.has(text.charCodeAt(index))) index += 1;
  return text.charCodeAt(index) === colon;
}

const blanks: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d]);
