/**
 * Decides where a request comes from and whether it is admitted from there: step `locate` and the
 * first half of `admit`. Combines the trusted-proxy walk (identify/) with the network rules
 * (admit/).
 *
 * Fails closed: a malformed proxy chain is refused, rather than taken for the peer's address, and
 * so is a peer that has disconnected.
 */

import { toCountedNetwork } from '../addresses/counted-network.ts';
import type { Network, NetworkDecision } from '../admit/network-rules.ts';
import { Refusal } from '../decision.ts';
import { type Located, locateClient, type TrustedProxies } from '../identify/trusted-proxies.ts';
import type { ShadowEffect } from '../shadow.ts';

export interface ClientLocation {
  /** The client's address in canonical form; undefined if unknown. */
  readonly address: string | undefined;
  /** The network by which rates count: the IPv4 address, or the /64 of an IPv6 address. */
  readonly network: string;
  readonly country: string | undefined;
  /** Named lists that contain the address. */
  readonly networks: readonly string[];
  readonly refusal: Refusal | undefined;
  /** What rules in shadow mode would have refused; absent if nothing. */
  readonly shadows?: readonly ShadowEffect[] | undefined;
}

export type Locate = (from: { peer: string; rawHeaders: readonly string[] }) => ClientLocation;

export function createLocate(
  trust: { proxies: TrustedProxies; header: 'x-forwarded-for' | 'forwarded' },
  network: Pick<Network, 'decide'>,
): Locate {
  return (from) => {
    // The connection was reset before it was read, so the peer is unknown, and it may have been a
    // trusted proxy. No client waits for an answer.
    if (from.peer === '') return gone;
    const located = locateClient(from, trust);
    if (located.kind === 'malformed') {
      return malformed;
    }
    const address = located.kind === 'address' ? located.address : undefined;
    return toClientLocation(located, network.decide(address));
  };
}

const malformed: ClientLocation = Object.freeze({
  address: undefined,
  network: '',
  country: undefined,
  networks: [],
  refusal: new Refusal('admit/address-malformed'),
});

/** Shared instances, because the rendered answer is cached by refusal. */
const refusals = {
  'admit/ip-blocked': new Refusal('admit/ip-blocked'),
  'admit/region-blocked': new Refusal('admit/region-blocked'),
  'admit/address-unknown': new Refusal('admit/address-unknown'),
} as const satisfies Record<NonNullable<NetworkDecision['refusal']>, Refusal>;

const gone: ClientLocation = Object.freeze({
  ...malformed,
  refusal: refusals['admit/address-unknown'],
});

function toClientLocation(located: Located, decision: NetworkDecision): ClientLocation {
  const address = located.kind === 'address' ? located.address : undefined;
  const { country, lists: networks, shadows, refusal: reason } = decision;
  const where = {
    address: address?.text,
    network: address === undefined ? '' : toCountedNetwork(address),
    country,
    networks,
    refusal: reason === undefined ? undefined : refusals[reason],
  };
  return shadows === undefined ? where : { ...where, shadows };
}
