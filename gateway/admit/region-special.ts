/**
 * Addresses that belong to no country: the special-purpose registries of IANA (RFC 6890 and its
 * successors), multicast, and IPv4-compatible IPv6, which databases would resolve as the embedded
 * IPv4 address.
 */
import type { Address } from '../addresses/ip-address.ts';
import { networkContains, parseNetwork } from '../addresses/ip-network.ts';

const special = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001:db8::/32',
  '3fff::/20',
  '5f00::/16',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
].map((text) => parseNetwork(text));

/** Whether an address is private, local, for documentation or otherwise not public. */
export const isSpecial = (address: Address): boolean =>
  special.some((network) => network !== undefined && networkContains(network, address));
