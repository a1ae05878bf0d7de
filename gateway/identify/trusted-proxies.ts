/**
 * Step `locate` of the walk: finds the client's address behind our proxies.
 *
 * Only the configured header counts; the other is never read, because a proxy that writes one
 * passes the other on as the caller forged it. Fails closed: a chain that cannot be followed is
 * `malformed`, never the peer or a guess.
 */
import type { Address } from '../addresses/ip-address.ts';
import { type Network, networkContains, parseNetwork } from '../addresses/ip-network.ts';
import { entriesFromLast, type ForwardedHeader, hopsMax, parseNode } from './forwarded.ts';

export type TrustedProxies =
  | { readonly kind: 'none' }
  /** This number of our proxies append to the header, and no client can bypass them. */
  | { readonly kind: 'count'; readonly count: number }
  /** Our proxies are in these networks; a peer outside of them is the client. */
  | { readonly kind: 'ranges'; readonly ranges: readonly Network[] };

export type Located =
  | { readonly kind: 'address'; readonly address: Address }
  /** The proxies' header is missing, too short, malformed, or names only proxies. */
  | { readonly kind: 'malformed' }
  /** The socket has no address (a Unix socket, or one already closed). */
  | { readonly kind: 'unknown' };

const rangesMax = 1_000;

/** Takes `[]`, a count from 1, or networks, as checked by the policy file; else TypeError. */
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
  // A peer without an address is a Unix socket, which only a proxy on this host can reach; a closed
  // socket does not get here (walk/client-location.ts).
  if (peer !== undefined && !isTrusted(peer, proxies.ranges)) {
    return { kind: 'address', address: peer };
  }
  return walkRanges(from.rawHeaders, header, proxies.ranges);
}

/** Sockets give a bare address with its zone; other servers use the longer forms. */
function parsePeer(peer: string): Address | undefined {
  if (peer === '') return undefined;
  if (peer === lastPeer) return lastAddress;
  lastAddress = parseNode(peer);
  lastPeer = peer;
  return lastAddress;
}

/** Behind a load balancer nearly all requests come from one peer. */
let lastPeer = '';
let lastAddress: Address | undefined;

const malformed: Located = Object.freeze({ kind: 'malformed' });

function walkCount(rawHeaders: readonly string[], header: ForwardedHeader, count: number): Located {
  let hops = 0;
  for (const address of entriesFromLast(rawHeaders, header)) {
    // Malformed entries of our own proxies count as well: the text before them may be no entry at
    // all.
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

/** Whether a peer with this address is one of our proxies. */
export function isProxy(address: Address, proxies: TrustedProxies): boolean {
  if (proxies.kind === 'none') return false;
  return proxies.kind === 'count' || isTrusted(address, proxies.ranges);
}

const isTrusted = (address: Address, ranges: readonly Network[]): boolean =>
  ranges.some((range) => networkContains(range, address));
