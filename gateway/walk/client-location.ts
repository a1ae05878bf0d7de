/**
 * Where a request comes from and whether it may: step `locate` and the first half of `admit`. Puts
 * the trusted-proxy walk (identify/) and the network rules (admit/) together.
 *
 * Fails closed: a chain of proxies that does not hold is a refusal, not the peer's address, and so is
 * a peer that is gone.
 */

import { toCountedNetwork } from '../addresses/counted-network.ts';
import type { Network, NetworkDecision } from '../admit/network-rules.ts';
import { Refusal } from '../decision.ts';
import { type Located, locateClient, type TrustedProxies } from '../identify/trusted-proxies.ts';
import type { ShadowEffect } from '../shadow.ts';

export interface ClientLocation {
  /** The client's address in its one spelling; undefined where it is not known. */
  readonly address: string | undefined;
  /** What rates count by: the IPv4 address, or the /64 of an IPv6 one. */
  readonly network: string;
  readonly country: string | undefined;
  /** Named lists that the address is on. */
  readonly networks: readonly string[];
  readonly refusal: Refusal | undefined;
  /** What rules on trial would have refused; absent: nothing. */
  readonly shadows?: readonly ShadowEffect[] | undefined;
}

export type Locate = (from: { peer: string; rawHeaders: readonly string[] }) => ClientLocation;

export function createLocate(
  trust: { proxies: TrustedProxies; header: 'x-forwarded-for' | 'forwarded' },
  network: Pick<Network, 'decide'>,
): Locate {
  return (from) => {
    // Reset before it was read: not even a proxy, whose word would count. Nobody waits for an answer.
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

/** One of each: what is made of a refusal, its answer, is kept with it. */
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
