/**
 * Decides which addresses an upstream's host name may resolve to.
 *
 * A literal address is connected to without a lookup, as the operator configured it. A name that
 * public DNS cannot contain (one label, `.internal`, `.local`, …) is resolved by the operator's own
 * network, and may lead into it. A public name may not, unless `privateNetwork` says so. No name
 * may lead to link-local addresses, where cloud metadata services answer.
 */
import { createGuardedLookup } from '../../addresses/guarded-lookup.ts';
import type { Resolve } from '../../addresses/shared-lookup.ts';
import { reachOf } from '../../addresses/special-addresses.ts';

/** Special-use and private top-level names (RFC 6761, RFC 6762, RFC 8375, ICANN, Kubernetes). */
const privateTops = new Set([
  'corp',
  'home',
  'internal',
  'intranet',
  'lan',
  'local',
  'localdomain',
  'localhost',
  'mail',
  'private',
  'svc',
]);

/** Whether only the operator's own network can resolve a name. */
export function isPrivateName(hostname: string): boolean {
  const labels = hostname.toLowerCase().replace(/\.$/, '').split('.');
  if (labels.length === 1) return true;
  return privateTops.has(labels.at(-1) ?? '') || labels.slice(-2).join('.') === 'home.arpa';
}

/** Creates a lookup function for sockets. */
export function createUpstreamLookup(
  { privateNetwork }: { readonly privateNetwork: boolean },
  resolve?: Resolve,
): ReturnType<typeof createGuardedLookup> {
  return createGuardedLookup({
    refusal: 'the name leads to an address that is refused',
    resolve,
    mayLeadTo(address, hostname) {
      const reach = reachOf(address);
      return reach === 'public' || (reach === 'private' && mayBePrivate(hostname));
    },
  });

  function mayBePrivate(hostname: string): boolean {
    return privateNetwork || isPrivateName(hostname);
  }
}
