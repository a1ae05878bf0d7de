/**
 * Step `locate` of the walk: who the client is when proxies of ours stand before the gateway.
 *
 * Only one header counts, the configured one; the other is never read, since a proxy that writes
 * one passes the other on as the caller made it up. Fails closed: a chain that cannot be followed
 * is `malformed`, never the peer or a guess.
 */
import type { Address } from '../addresses/ip-address.ts';
import { type Network, networkContains, parseNetwork } from '../addresses/ip-network.ts';
import { entriesFromLast, type ForwardedHeader, hopsMax, parseNode } from './forwarded.ts';

export type TrustedProxies =
  | { readonly kind: 'none' }
  /** That many proxies of ours append to the header, and nobody reaches the gateway past them. */
  | { readonly kind: 'count'; readonly count: number }
  /** Proxies of ours are in these networks; a peer outside of them is the client. */
  | { readonly kind: 'ranges'; readonly ranges: readonly Network[] };

export type Located =
  | { readonly kind: 'address'; readonly address: Address }
  /** The proxies' header is missing, too short, broken, or names nobody but proxies. */
  | { readonly kind: 'malformed' }
  /** The socket has no address (a Unix socket, or one that is closed already). */
  | { readonly kind: 'unknown' };

const rangesMax = 1_000;

/** `[]`, a count from 1, or a list of networks, as the policy file has checked them; else TypeError. */
export function toTrustedProxies(value: number | readonly string[]): TrustedProxies {
  if (typeof value === 'number') {
    if (!Number.isInteger(value) || value < 1 || value > hopsMax) {
      throw new TypeError(`a count of proxies is a whole number from 1 to ${hopsMax}`);
    }
    return { kind: 'count', count: value };
  }
  if (value.length === 0) return { kind: 'none' };
  if (value.length > rangesMax) throw new TypeError(`at most ${rangesMax} networks of proxies`);
  return { kind: 'ranges', ranges: value.map(toRange) };
}

function toRange(text: string): Network {
  const range = parseNetwork(text);
  if (range === undefined) throw new TypeError('a proxy is no address and no network');
  return range;
}

/** Finds the client of a request. `rawHeaders`: name, value, name, value, as received. */
export function locateClient(
  from: { readonly peer: string; readonly rawHeaders: readonly string[] },
  trust: { readonly proxies: TrustedProxies; readonly header: ForwardedHeader },
): Located {
  const { proxies, header } = trust;
  const peer = parsePeer(from.peer);
  if (proxies.kind === 'none') {
    return peer === undefined ? { kind: 'unknown' } : { kind: 'address', address: peer };
  }
  if (proxies.kind === 'count') return walkCount(from.rawHeaders, header, proxies.count);
  // Without an address the peer is a Unix socket, which only a proxy on this host can reach; one that
  // is gone does not come here (walk/client-location.ts).
  if (peer !== undefined && !isTrusted(peer, proxies.ranges)) {
    return { kind: 'address', address: peer };
  }
  return walkRanges(from.rawHeaders, header, proxies.ranges);
}

/** Sockets give a bare address, zone and all; the longer forms are those of other servers. */
function parsePeer(peer: string): Address | undefined {
  if (peer === '') return undefined;
  if (peer === lastPeer) return lastAddress;
  lastAddress = parseNode(peer);
  lastPeer = peer;
  return lastAddress;
}

/** Behind a load balancer nearly all requests come from one. */
let lastPeer = '';
let lastAddress: Address | undefined;

const malformed: Located = Object.freeze({ kind: 'malformed' });

function walkCount(rawHeaders: readonly string[], header: ForwardedHeader, count: number): Located {
  let hops = 0;
  for (const address of entriesFromLast(rawHeaders, header)) {
    // Broken entries of our own proxies count as well: what follows them may be no entry at all.
    if (address === undefined) return malformed;
    hops += 1;
    if (hops === count) return { kind: 'address', address };
  }
  return malformed;
}

function walkRanges(
  rawHeaders: readonly string[],
  header: ForwardedHeader,
  ranges: readonly Network[],
): Located {
  let hops = 0;
  for (const address of entriesFromLast(rawHeaders, header)) {
    if (address === undefined) return malformed;
    if (!isTrusted(address, ranges)) return { kind: 'address', address };
    hops += 1;
    if (hops > hopsMax) return malformed;
  }
  return malformed;
}

const isTrusted = (address: Address, ranges: readonly Network[]): boolean =>
  ranges.some((range) => networkContains(range, address));
