/**
 * A client's address as telemetry may show it: the network, never the host. Keeps 24 bits of IPv4,
 * 48 of IPv6, and 40 of 6to4, where 48 would include the whole IPv4 address.
 */
import { parseAddress } from '../../addresses/ip-address.ts';

/** `203.0.113.0` or `2001:db8:1::`; undefined if the text is no address. */
export function truncateAddress(text: string): string | undefined {
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  const { version, a, b } = address;
  if (version === 4) return `${a >>> 24}.${(a >>> 16) & 255}.${(a >>> 8) & 255}.0`;
  const [first, second, third] = [a >>> 16, a & 0xffff, b >>> 16];
  const kept = [first, second, first === 0x2002 ? third & 0xff00 : third];
  while (kept.at(-1) === 0) kept.pop();
  return `${kept.map((part) => part.toString(16)).join(':')}::`;
}
