/**
 * Looks a host name up for a connection, and refuses where the answer leads where the name may not:
 * the lock against DNS rebinding, on the addresses that are connected to, in the step that connects.
 * Fails closed: one bad address refuses all of them, and so does none.
 */
import { lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { type Resolve, shareLookups } from './shared-lookup.ts';
import { forbiddenAddress } from './special-addresses.ts';

export interface LookupGuard {
  readonly mayLeadTo: (address: string, hostname: string) => boolean;
  /** The refusal's message, which names no address. */
  readonly refusal: string;
  /** Default: the system's resolver. */
  readonly resolve?: Resolve | undefined;
}

/** For sockets; the code of a refusal is `forbiddenAddress`. */
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

/** A log that may hold no host gets its code alone. */
export const toRefusal = (message: string): NodeJS.ErrnoException =>
  Object.assign(new Error(message), { code: forbiddenAddress });
