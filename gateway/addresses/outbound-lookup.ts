/**
 * Applies outbound-address.ts to connections of the gateway's own: the addresses that are connected
 * to are judged at every connection. Fails closed.
 */
import { createGuardedLookup, toRefusal } from './guarded-lookup.ts';
import { mayConnect, type OutboundRule, toLiteral } from './outbound-address.ts';

const refusal = 'resolves to an address that needs `privateNetwork: true`, or that is never asked';

/** Throws Error if the URL's host is an address that may not be reached. */
export function checkLiteral(rule: OutboundRule): void {
  const literal = toLiteral(rule.hostname);
  if (literal !== undefined && !mayConnect(literal.text, rule)) throw toRefusal(refusal);
}

/** A lookup for sockets that uses the system's resolver. */
export const guardLookup = (rule: OutboundRule): ReturnType<typeof createGuardedLookup> =>
  createGuardedLookup({ mayLeadTo: (address) => mayConnect(address, rule), refusal });
