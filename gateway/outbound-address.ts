/**
 * Which addresses the gateway may connect to on its own account (key sets, introspection): public
 * ones, loopback where the configuration names it, private networks where it says so. What a name
 * resolves to is judged at every connection, so that a name cannot point elsewhere later (DNS
 * rebinding). Fails closed: one refused address of several refuses the name.
 */
import { type Address, parseAddress } from './ip-address.ts';
import { networkContains, parseNetwork } from './ip-network.ts';
import { isSpecial } from './special-address.ts';

const networks = (texts: readonly string[]) => texts.map((text) => parseNetwork(text));
const isIn = (list: ReturnType<typeof networks>, address: Address): boolean =>
  list.some((network) => network !== undefined && networkContains(network, address));

const loopback = networks(['127.0.0.0/8', '::1/128']);
const privateUse = networks(['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16']);
const privateUse6 = networks(['fc00::/7']);
/** IPv6 that carries an IPv4 address, which could be anybody's: NAT64, 6to4, Teredo. */
const carriers = networks(['64:ff9b::/96', '2002::/16', '2001::/32']);

export type AddressKind = 'public' | 'loopback' | 'private' | 'never';

/** `never`: link-local (metadata services), multicast, documentation, IPv4 inside IPv6. */
export function toAddressKind(address: Address): AddressKind {
  if (isIn(loopback, address)) return 'loopback';
  if (isIn(privateUse, address) || isIn(privateUse6, address)) return 'private';
  return isSpecial(address) || isIn(carriers, address) ? 'never' : 'public';
}

export interface OutboundRule {
  /** Host of the configured URL, IPv6 in brackets. */
  readonly hostname: string;
  /** Whether private networks may be reached. */
  readonly privateNetwork: boolean;
}

/** Whether an address that the host resolved to, or is, may be connected to. */
export function mayConnect(text: string, { hostname, privateNetwork }: OutboundRule): boolean {
  const address = parseAddress(text);
  if (address === undefined) return false;
  const kind = toAddressKind(address);
  if (kind === 'public') return true;
  if (kind === 'private') return privateNetwork;
  // A name of the Internet that resolves to us would reach what only this host should reach.
  return kind === 'loopback' && (privateNetwork || isLoopbackHost(hostname));
}

/** Whether a URL's host is this machine by its own name. */
export function isLoopbackHost(hostname: string): boolean {
  if (hostname === 'localhost') return true;
  const address = toLiteral(hostname);
  return address !== undefined && toAddressKind(address) === 'loopback';
}

/** The address that a URL's host is; undefined for a name. */
export function toLiteral(hostname: string): Address | undefined {
  return parseAddress(hostname.replace(/^\[|\]$/g, ''));
}
