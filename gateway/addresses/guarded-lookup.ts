/**
 * Resolves a host name for a connection, and refuses if the name may not lead to the result. Stops
 * DNS rebinding: it judges the very addresses that are connected to. Fails closed: one forbidden
 * address, or no address, refuses the name.
 */
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type Resolve, shareLookups } from './shared-lookup.ts';
import { forbiddenAddress } from './special-addresses.ts';

export interface LookupGuard {
  readonly mayLeadTo: (address: string, hostname: string) => boolean;
  /** The refusal's message; it names no address. */
  readonly refusal: string;
  /** Default: the system's resolver. */
  readonly resolve?: Resolve | undefined;
}

/** Creates a lookup for sockets; a refusal has the code `forbiddenAddress`. */
export function createGuardedLookup({
  mayLeadTo,
  refusal,
  resolve = resolveInSystem,
}: LookupGuard): LookupFunction {
  return (hostname, options, callback) => {
    const done: Parameters<Resolve>[1] = (error, addresses) => {
      const [first] = addresses;
      const isFine = addresses.every(({ address }) => mayLeadTo(address, hostname));
      if (error !== null) callback(error, []);
      else if (first === undefined || !isFine) callback(toRefusal(refusal), []);
      else if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    };
    resolve(hostname, done, options);
  };
}

const resolveInSystem: Resolve = shareLookups((hostname, done, options) =>
  lookup(hostname, { ...options, all: true }, (error, addresses) => done(error, addresses ?? [])),
);

/** The error of a refusal; logs that may not name hosts write its code alone. */
export const toRefusal = (message: string): NodeJS.ErrnoException =>
  Object.assign(new Error(message), { code: forbiddenAddress });
