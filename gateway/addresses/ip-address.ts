/**
 * IP addresses as numbers. Strict: IPv4 is four decimal parts without leading zeros, never octal,
 * hexadecimal or short (parsers disagree whether such a text is 8.0.0.1 or 10.0.0.1, and a rule
 * would guard the wrong host); IPv6 is the grammar of RFC 4291, 2.2.
 *
 * IPv4-mapped IPv6 (RFC 4291, 2.5.5.2) becomes IPv4, so that one host has one form.
 */

export interface Address {
  readonly version: 4 | 6;
  /** Unsigned 32-bit words, most significant first; IPv4 uses `a` alone. */
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  /** The canonical text (RFC 5952), without a zone: a key for lists and buckets. */
  readonly text: string;
  /** Interface of a link-local address, as written; not part of its identity. */
  readonly zone: string | undefined;
}

const zonePattern = /^[\w.~-]{1,64}$/;
/** Length of the longest literal, with a zone. */
const textMax = 45 + 1 + 64;

const scratch = new Uint32Array(4);

/**
 * The address that a text denotes; undefined if none. White space, ports and brackets are refused.
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > textMax) return undefined;
  const percent = text.indexOf('%');
  const end = percent < 0 ? text.length : percent;
  const version = readWords(text, 0, end, scratch);
  if (version === 0) return undefined;
  const zone = percent < 0 ? undefined : text.slice(percent + 1);
  if (zone !== undefined && (version === 4 || !zonePattern.test(zone))) return undefined;
  if (version === 4) return toAddress4(scratch[0] ?? 0);
  return isMapped(scratch) ? toAddress4(scratch[3] ?? 0) : toAddress6(scratch, zone);
}

const toAddress4 = (a: number): Address => ({
  version: 4,
  a,
  b: 0,
  c: 0,
  d: 0,
  text: formatWords4(a),
  zone: undefined,
});

const toAddress6 = (words: Uint32Array, zone: string | undefined): Address => ({
  version: 6,
  a: words[0] ?? 0,
  b: words[1] ?? 0,
  c: words[2] ?? 0,
  d: words[3] ?? 0,
  text: formatWords6(words),
  zone,
});

/** Whether four words lie in ::ffff:0:0/96. */
export const isMapped = (words: Uint32Array): boolean =>
  words[0] === 0 && words[1] === 0 && words[2] === 0xffff;

/** Whether the address is 0.0.0.0 or ::, which denote no host. */
export const isUnspecified = ({ a, b, c, d }: Address): boolean => (a | b | c | d) === 0;

/**
 * Reads the literal between two offsets into `words` (IPv4: the first alone), without allocation.
 * Returns 0 if there is none. Does not unmap, and accepts no zones.
 */
export function readWords(text: string, start: number, end: number, words: Uint32Array): 0 | 4 | 6 {
  const four = readFour(text, start, end);
  if (four >= 0) {
    words.fill(0);
    words[0] = four;
    return 4;
  }
  return readSix(text, start, end, words) ? 6 : 0;
}

/** An IPv4 literal as a number; -1 if it is none. */
function readFour(text: string, start: number, end: number): number {
  if (end - start < 7 || end - start > 15) return -1;
  let value = 0;
  let at = start;
  for (let part = 0; part < 4; part += 1) {
    const from = at;
    let number = 0;
    for (; at < end && at - from < 4; at += 1) {
      const digit = text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) break;
      number = number * 10 + digit;
    }
    const digits = at - from;
    const hasLeadingZero = digits > 1 && text.charCodeAt(from) === 48;
    if (digits === 0 || digits > 3 || number > 255 || hasLeadingZero) return -1;
    value = value * 256 + number;
    if (part < 3 && text.charCodeAt(at++) !== dot) return -1;
  }
  return at === end ? value : -1;
}

const dot = 46;
const colon = 58;
const groups = new Uint16Array(8);

function readSix(text: string, start: number, end: number, words: Uint32Array): boolean {
  if (end - start < 2 || end - start > 45) return false;
  if (text.charCodeAt(start) !== colon) return readGroups(text, { start, end, gap: -1 }, words);
  if (text.charCodeAt(start + 1) !== colon) return false;
  return readGroups(text, { start: start + 2, end, gap: 0 }, words);
}

/** Reads groups separated by colons; `gap` is 0 if a leading `::` was read, else -1. */
function readGroups(
  text: string,
  part: { start: number; end: number; gap: number },
  words: Uint32Array,
): boolean {
  const { start, end } = part;
  let { gap } = part;
  let count = 0;
  let at = start;
  while (at < end) {
    const to = endOfHex(text, at, end);
    if (to < end && text.charCodeAt(to) === dot) {
      return putFour(readFour(text, at, end), count) && spread(count + 2, gap, words);
    }
    if (to === at || to - at > 4 || count > 7) return false;
    groups[count++] = readHex(text, at, to);
    if (to === end) break;
    at = to + 1;
    if (text.charCodeAt(to) !== colon || at === end) return false;
    if (text.charCodeAt(at) === colon) {
      if (gap >= 0) return false;
      gap = count;
      at += 1;
    }
  }
  return spread(count, gap, words);
}

/** Stores the IPv4 at the end of an IPv6 literal as two groups. */
function putFour(four: number, count: number): boolean {
  if (four < 0 || count > 6) return false;
  groups[count] = four >>> 16;
  groups[count + 1] = four & 0xffff;
  return true;
}

function endOfHex(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && hexDigit(text.charCodeAt(at)) >= 0) at += 1;
  return at;
}

function readHex(text: string, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) value = value * 16 + hexDigit(text.charCodeAt(at));
  return value;
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

/** Places the groups before the gap at the start and those after it at the end. */
function spread(count: number, gap: number, words: Uint32Array): boolean {
  if (gap < 0 ? count !== 8 : count > 7) return false;
  const zeros = 8 - count;
  words.fill(0);
  for (let index = 0; index < count; index += 1) {
    const place = gap >= 0 && index >= gap ? index + zeros : index;
    const word = place >> 1;
    const group = groups[index] ?? 0;
    words[word] = (words[word] ?? 0) | (place % 2 === 0 ? group << 16 : group);
  }
  return true;
}

const formatWords4 = (a: number): string =>
  `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.${a & 255}`;

/** RFC 5952: lower case, no leading zeros, the first longest run of two or more zeros as `::`. */
function formatWords6(words: Uint32Array): string {
  const parts: number[] = [];
  for (const word of words) parts.push(word >>> 16, word & 0xffff);
  let [best, length] = [-1, 1];
  for (let from = 0; from < 8; from += 1) {
    let to = from;
    while (to < 8 && parts[to] === 0) to += 1;
    if (to - from > length) [best, length] = [from, to - from];
    if (to > from) from = to;
  }
  const hex = (some: number[]) => some.map((part) => part.toString(16)).join(':');
  if (best < 0) return hex(parts);
  return `${hex(parts.slice(0, best))}::${hex(parts.slice(best + length))}`;
}
