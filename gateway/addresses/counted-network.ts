/** The network by which unauthenticated clients are counted. */
import type { Address } from './ip-address.ts';

/**
 * The address for IPv4, its /64 for IPv6: a subscriber holds a whole /64, so single addresses would
 * evade any count.
 */
export function toCountedNetwork(address: Pick<Address, 'version' | 'a' | 'b' | 'text'>): string {
  if (address.version === 4) return address.text;
  return `${address.a.toString(16)}:${address.b.toString(16)}/64`;
}
