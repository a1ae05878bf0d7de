/**
 * The entries that proxies append to X-Forwarded-For and Forwarded (RFC 7239), from the last, which
 * our own proxy wrote, towards the first, which a caller may have made up.
 *
 * Entries are split at every comma, quoted or not: a caller that leaves a quote open must not be
 * able to swallow what a proxy appends, nor may a comma inside a value that a proxy copies from the
 * caller (`host="..."`) pass for an entry. An entry that is not well-formed on its own is undefined,
 * and whoever walks over it stops there.
 */
import { type Address, isUnspecified, parseAddress } from '../addresses/ip-address.ts';

export type ForwardedHeader = 'x-forwarded-for' | 'forwarded';

/** Entries one request is believed to have passed; more is a caller's padding. */
export const hopsMax = 64;

/** The header's entries, last first, several lines joined in order; made one by one. */
export function* entriesFromLast(
  rawHeaders: readonly string[],
  header: ForwardedHeader,
): Generator<Address | undefined> {
  const read = header === 'forwarded' ? parseForwardedEntry : parseNode;
  for (let line = rawHeaders.length - 2; line >= 0; line -= 2) {
    if (rawHeaders[line]?.toLowerCase() !== header) continue;
    const value = rawHeaders[line + 1] ?? '';
    let end = value.length;
    while (end >= 0) {
      const comma = end === 0 ? -1 : value.lastIndexOf(',', end - 1);
      yield read(trim(value.slice(comma + 1, end)));
      end = comma;
    }
  }
}

/** By hand: an expression for the blanks at the end tries anew at each blank of a row inside. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

const bracketed = /^\[([^[\]]*)\](?::\d{1,5})?$/;
const dottedWithPort = /^([\d.]+):\d{1,5}$/;

/**
 * An address as sockets and proxies write it: alone, in brackets, with a port. Undefined where it is
 * none, and for 0.0.0.0 and ::, which are nobody's.
 */
export function parseNode(text: string): Address | undefined {
  // Alone first, as sockets write it: what has brackets or a port is no address by itself.
  const address =
    parseAddress(text) ??
    parseAddress(bracketed.exec(text)?.[1] ?? dottedWithPort.exec(text)?.[1] ?? '');
  return address === undefined || isUnspecified(address) ? undefined : address;
}

// Values are looser than a token: proxies write IPv6 and ports without the quotes they need.
const parameter = /^([!#$%&'*+.^_`|~\w-]+)=[ \t]*(?:"([^"\\]*)"|([^\s",;\\=]*))$/;

/** The `for` of one entry; undefined where it has none, has two, or the entry is malformed. */
export function parseForwardedEntry(entry: string): Address | undefined {
  let found: string | undefined;
  for (const part of entry.split(';')) {
    const match = parameter.exec(trim(part));
    if (match === null) return undefined;
    if (match[1]?.toLowerCase() !== 'for') continue;
    if (found !== undefined) return undefined;
    found = match[2] ?? match[3] ?? '';
  }
  return found === undefined ? undefined : parseNode(found);
}
