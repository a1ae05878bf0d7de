/**
 * Which addresses the gateway may connect to on its own account (key sets, introspection): public
 * ones, loopback where the configuration names it, private networks where it says so. What a name
 * resolves to is judged at every connection, so that a name cannot point elsewhere later (DNS
 * rebinding). Fails closed: one refused address of several refuses the name.
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

/** Whether an address that the host resolved to, or is, may be connected to. */
export function mayConnect(text: string, { hostname, privateNetwork }: OutboundRule): boolean {
  const reach = reachOf(text);
  if (reach === 'public' || (reach === 'private' && privateNetwork)) return true;
  const address = parseAddress(text);
  // A name of the Internet that resolves to us would reach what only this host should reach.
  return address !== undefined && isLoopback(address) && isLoopbackHost(hostname);
}

/** Whether a URL's host is this machine by its own name. */
export function isLoopbackHost(hostname: string): boolean {
  if (hostname === 'localhost') return true;
  const address = toLiteral(hostname);
  return address !== undefined && isLoopback(address);
}

/** The address that a URL's host is; undefined for a name. */
export function toLiteral(hostname: string): Address | undefined {
  return parseAddress(hostname.replace(/^\[|\]$/g, ''));
}
