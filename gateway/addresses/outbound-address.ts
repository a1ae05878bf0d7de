/**
 * Decides which addresses the gateway's own requests (key sets, introspection) may connect to:
 * public ones, loopback if the configuration names it, private networks if it allows them. The
 * addresses of a name are judged at every connection, against DNS rebinding. Fails closed: one
 * refused address refuses the name.
 */
import { type Address, parseAddress } from './ip-address.ts';
import { networkContains, parseNetwork } from './ip-network.ts';
import { reachOf } from './special-addresses.ts';

const loopback = ['127.0.0.0/8', '::1/128'].map((text) => parseNetwork(text));

const isLoopback = (address: Address): boolean =>
  loopback.some((network) => network !== undefined && networkContains(network, address));

export interface OutboundRule {
  /** Host of the configured URL, IPv6 in brackets. */
  readonly hostname: string;
  /** Whether private networks may be reached. */
  readonly privateNetwork: boolean;
}

/** Whether an address that the host is, or resolved to, may be connected to. */
export function mayConnect(text: string, { hostname, privateNetwork }: OutboundRule): boolean {
  const reach = reachOf(text);
  if (reach === 'public' || (reach === 'private' && privateNetwork)) return true;
  const address = parseAddress(text);
  // A public name that resolves to loopback would reach services that only this host should reach.
  return address !== undefined && isLoopback(address) && isLoopbackHost(hostname);
}

/** Whether a URL's host names this machine: `localhost` or a loopback address. */
export function isLoopbackHost(hostname: string): boolean {
  if (hostname === 'localhost') return true;
  const address = toLiteral(hostname);
  return address !== undefined && isLoopback(address);
}

/** The address in a URL's host; undefined for a name. */
export function toLiteral(hostname: string): Address | undefined {
  return parseAddress(hostname.replace(/^\[|\]$/g, ''));
}
