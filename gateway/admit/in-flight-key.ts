/** Under which name a caller's running requests are counted. */
import type { Caller } from '../request.ts';

/** A caller is the same object for every request with one token. */
const inFlightKeys = new WeakMap<Caller, string>();

/** One caller by any of their tokens; strangers by where they come from. */
export function toInFlightKey(caller: Caller, network: string): string {
  if (caller.kind === 'anonymous') return `address ${network}`;
  const known = inFlightKeys.get(caller);
  if (known !== undefined) return known;
  const about = [caller.issuer, caller.subject ?? caller.client ?? caller.credentialHash];
  const key = JSON.stringify(about);
  inFlightKeys.set(caller, key);
  return key;
}
