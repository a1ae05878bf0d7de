/**
 * Reads the entries that proxies append to X-Forwarded-For and Forwarded (RFC 7239), from the last,
 * which our own proxy wrote, to the first, which a caller may have forged.
 *
 * Entries are split at every comma, quoted or not: a caller that leaves a quote open must not
 * swallow what a proxy appends, and a comma inside a value that a proxy copies from the caller
 * (`host="..."`) must not yield a valid entry. A malformed entry is undefined, and the walk ends
 * there.
 */
import { type Address, isUnspecified, parseAddress } from '../addresses/ip-address.ts';

export type ForwardedHeader = 'x-forwarded-for' | 'forwarded';

/** Most hops believed for one request; more is padding by the caller. */
export const hopsMax = 64;

/** The header's entries, last first, across several header lines; yielded lazily. */
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

/** Hand-written: a regular expression for trailing blanks is quadratic in a run of inner blanks. */
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
 * An address as sockets and proxies write it: alone, in brackets, with a port. Undefined if it is
 * none, and for the unspecified addresses 0.0.0.0 and ::.
 */
export function parseNode(text: string): Address | undefined {
  // A bare address first, as sockets write it: with brackets or a port it does not parse as one.
  const address =
    parseAddress(text) ??
    parseAddress(bracketed.exec(text)?.[1] ?? dottedWithPort.exec(text)?.[1] ?? '');
  return address === undefined || isUnspecified(address) ? undefined : address;
}

// Values are looser than tokens: proxies write IPv6 addresses and ports without the required
// quotes.
const parameter = /^([!#$%&'*+.^_`|~\w-]+)=[ \t]*(?:"([^"\\]*)"|([^\s",;\\=]*))$/;

/** The `for` of one entry; undefined if it is missing, repeated, or the entry is malformed. */
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
