/**
 * Where a configured host may lead a connection of the gateway's own (outbound-address.ts): judged
 * at every connection, on the addresses that are connected to.
 */
import { createGuardedLookup, toRefusal } from './guarded-lookup.ts';
import { mayConnect, type OutboundRule, toLiteral } from './outbound-address.ts';

const refusal = 'resolves to an address that needs `privateNetwork: true`, or that is never asked';

/** Throws Error where the URL's host is itself an address that may not be reached. */
export function checkLiteral(rule: OutboundRule): void {
  const literal = toLiteral(rule.hostname);
  if (literal !== undefined && !mayConnect(literal.text, rule)) throw toRefusal(refusal);
}

/** A lookup for sockets, by the system's resolver. */
export const guardLookup = (rule: OutboundRule): ReturnType<typeof createGuardedLookup> =>
  createGuardedLookup({ mayLeadTo: (address) => mayConnect(address, rule), refusal });
