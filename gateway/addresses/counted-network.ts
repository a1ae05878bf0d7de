/** What strangers are counted by. */
import type { Address } from './ip-address.ts';

/** One subscriber holds a whole /64: counting its addresses one by one would count nothing. */
export function toCountedNetwork(address: Pick<Address, 'version' | 'a' | 'b' | 'text'>): string {
  if (address.version === 4) return address.text;
  return `${address.a.toString(16)}:${address.b.toString(16)}/64`;
}
