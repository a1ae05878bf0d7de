/**
 * Reads a JSON object that decides who a caller is. Duplicate names are refused: of
 * `"sub":"me","sub":"you"` one reader takes the first and another the last (RFC 7519, 4). Deep
 * nesting is refused, because claims are walked recursively.
 */

/** Deepest nesting of objects and lists in claims. */
const claimsDepthMax = 32;

/** The object; undefined if the text is no JSON object or is ambiguous. */
export function parseStrictObject(text: string): Record<string, unknown> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return isUnambiguous(text) ? (value as Record<string, unknown>) : undefined;
}

/** The object in a part of a token: base64url of UTF-8 without a byte order mark. */
export function decodeStrictObject(part: string): Record<string, unknown> | undefined {
  const bytes = Buffer.from(part, 'base64url');
  // Unused bits in the last character would allow two spellings of one token.
  if (bytes.toString('base64url') !== part) return undefined;
  try {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    return parseStrictObject(decoder.decode(bytes));
  } catch {
    return undefined;
  }
}

/** Scans text that is known to be valid JSON; names are compared after unescaping. */
function isUnambiguous(text: string): boolean {
  const names: (Set<string> | undefined)[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const sign = text[index];
    if (sign === '{') names.push(new Set());
    else if (sign === '[') names.push(undefined);
    else if (sign === '}' || sign === ']') names.pop();
    else if (sign === '"') {
      const end = endOfString(text, index);
      if (isName(text, end) && !addName(names.at(-1), text.slice(index, end + 1))) return false;
      index = end;
    }
    if (names.length > claimsDepthMax) return false;
  }
  return true;
}

function addName(names: Set<string> | undefined, literal: string): boolean {
  const name = String(JSON.parse(literal));
  if (names === undefined || names.has(name)) return false;
  names.add(name);
  return true;
}

function isName(text: string, end: number): boolean {
  let index = end + 1;
  while (/\s/.test(text[index] ?? '')) index += 1;
  return text[index] === ':';
}

function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return index;
}
