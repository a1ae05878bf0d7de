/** The name by which a caller's requests in flight and their failures are counted. */
import type { Caller } from './request.ts';

/** Keyed by the caller object, which is the same for all requests with one token. */
const names = new WeakMap<Caller, string>();

/** One name for all tokens of a caller; unauthenticated callers are named by network. */
export function toCallerName(caller: Caller | undefined, network: string): string {
  if (caller === undefined || caller.kind === 'anonymous') return `address ${network}`;
  const known = names.get(caller);
  if (known !== undefined) return known;
  const name = JSON.stringify(toIdentity(caller));
  names.set(caller, name);
  return name;
}

/** A client without a subject has another form, so that no subject can have the same name. */
function toIdentity({ issuer, subject, client, credentialHash }: Caller): unknown[] {
  return subject === undefined ? [issuer, null, client ?? credentialHash] : [issuer, subject];
}
