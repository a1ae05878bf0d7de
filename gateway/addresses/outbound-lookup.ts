/**
 * Looks up a configured host for a connection of the gateway's own, and refuses where the answer
 * leads where outbound-address.ts does not permit: judged at every connection, on the addresses that
 * are connected to. Fails closed: one refused address of several refuses the name.
 */
import { type LookupAddress, lookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { mayConnect, type OutboundRule, toLiteral } from './outbound-address.ts';
import { forbiddenAddress } from './special-addresses.ts';

/** A log that may hold no host gets its code alone. */
function refusal(): NodeJS.ErrnoException {
  const message =
    'resolves to an address that needs `privateNetwork: true`, or that is never asked';
  return Object.assign(new Error(message), { code: forbiddenAddress });
}

/** Throws Error where the URL's host is itself an address that may not be reached. */
export function checkLiteral(rule: OutboundRule): void {
  const literal = toLiteral(rule.hostname);
  if (literal !== undefined && !mayConnect(literal.text, rule)) throw refusal();
}

/** A lookup for sockets, by the system's resolver. */
export function guardLookup(rule: OutboundRule): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, '', 0);
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => mayConnect(address, rule))) {
        return callback(refusal(), '', 0);
      }
      if (options.all === true) return callback(null, addresses);
      return callback(null, first.address, first.family);
    });
  };
}
