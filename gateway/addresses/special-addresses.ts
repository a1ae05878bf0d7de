/**
 * Classifies addresses that are not part of the public Internet: a request to one ends on this host
 * or in its network, whoever owns the name that led there.
 *
 * IPv6 forms that carry an IPv4 address (mapped, compatible, NAT64, 6to4, SIIT) are judged by that
 * address: `::ffff:169.254.169.254` must not pass for a host other than the one it reaches.
 */
import type { Address } from './ip-address.ts';
import { parseAddress } from './ip-address.ts';
import { type Network, networkContains, parseNetwork } from './ip-network.ts';

export type Reach =
  /** Addresses on the public Internet. */
  | 'public'
  /** This host and private networks. */
  | 'private'
  /** Link-local (including cloud metadata), multicast, unspecified and documentation addresses. */
  | 'never';

const toNetworks = (texts: readonly string[]): readonly Network[] =>
  texts.flatMap((text) => parseNetwork(text) ?? []);

const privateNetworks = toNetworks([
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
]);

/**
 * IANA's special-purpose registries (RFC 6890) and their successors, without those above, and the
 * metadata addresses of clouds.
 */
const neverNetworks = toNetworks([
  '0.0.0.0/8',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '::/128',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/32',
  '2001:2::/48',
  '2001:10::/28',
  '2001:db8::/32',
  '3fff::/20',
  '5f00::/16',
  'fd00:c1::a9fe:a9fe/128',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
]);

/** The reach of an address that a resolver gave; `never` if the text is no address. */
export function reachOf(text: string): Reach {
  const address = parseAddress(text);
  return address === undefined ? 'never' : judge(address);
}

function judge(address: Address): Reach {
  const isIn = (network: Network): boolean => networkContains(network, address);
  if (neverNetworks.some(isIn)) return 'never';
  if (privateNetworks.some(isIn)) return 'private';
  const inner = carried(address);
  return inner === undefined ? 'public' : judge(inner);
}

const carriers = [
  { network: parseNetwork('::/96'), take: ({ d }: Address) => d },
  { network: parseNetwork('64:ff9b::/96'), take: ({ d }: Address) => d },
  { network: parseNetwork('::ffff:0:0:0/96'), take: ({ d }: Address) => d },
  {
    network: parseNetwork('2002::/16'),
    take: ({ a, b }: Address) => ((a & 0xffff) << 16) | (b >>> 16),
  },
];

/** The IPv4 address carried in an IPv6 address. */
function carried(address: Address): Address | undefined {
  for (const { network, take } of carriers) {
    if (network !== undefined && networkContains(network, address)) return toFour(take(address));
  }
  return undefined;
}

const toFour = (word: number): Address | undefined =>
  parseAddress([word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255].join('.'));

/** The `code` of the error for a host that leads to a forbidden address. */
export const forbiddenAddress = 'FORBIDDEN_ADDRESS';
