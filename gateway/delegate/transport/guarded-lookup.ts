/**
 * Looks a host name up for a connection, and refuses where the answer leads where the name has no
 * business: the lock against DNS rebinding, on the addresses that are connected to, in the step
 * that connects. Fails closed: one bad address refuses all of them.
 *
 * What is written as an address is connected to without a lookup, and is the operator's own word.
 * A name that public DNS cannot hold (one label, `.internal`, `.local`, …) is resolved by the
 * operator's own network, and may lead into it. A public name may not, unless `privateNetwork`
 * says so. No name leads to link-local addresses, where cloud metadata answers.
 */
import { type LookupAddress, lookup as lookupInSystem } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { forbiddenAddress, reachOf } from '../../addresses/special-addresses.ts';

/** As node:dns's `lookup` with `all`. */
export type Resolve = (
  hostname: string,
  done: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

/** Special-use and private top-level names (RFC 6761, RFC 6762, RFC 8375, ICANN), and Kubernetes'. */
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

/** Whether only the operator's own network can say where a name leads. */
export function isPrivateName(hostname: string): boolean {
  const labels = hostname.toLowerCase().replace(/\.$/, '').split('.');
  if (labels.length === 1) return true;
  return privateTops.has(labels.at(-1) ?? '') || labels.slice(-2).join('.') === 'home.arpa';
}

/** A lookup for sockets; its error's code is `forbiddenAddress`, its message names no address. */
export function createGuardedLookup(
  options: { readonly privateNetwork: boolean },
  resolve: Resolve = resolveInSystem,
): LookupFunction {
  return (hostname, { all }, done) => {
    const mayBePrivate = options.privateNetwork || isPrivateName(hostname);
    resolve(hostname, (error, addresses) => {
      if (error !== null) return done(error, []);
      const isFine = ({ address }: LookupAddress): boolean => {
        const reach = reachOf(address);
        return reach === 'public' || (reach === 'private' && mayBePrivate);
      };
      const [first] = addresses;
      if (first === undefined || !addresses.every(isFine)) return done(refusal(), []);
      if (all === true) done(null, [...addresses]);
      else done(null, first.address, first.family);
    });
  };
}

const resolveInSystem: Resolve = (hostname, done) =>
  lookupInSystem(hostname, { all: true }, (error, addresses) => done(error, addresses ?? []));

function refusal(): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error('the name leads to an address that is refused');
  error.code = forbiddenAddress;
  return error;
}
