/** Under which name it is counted what a caller has running, and what fails for it. */
import type { Caller } from './request.ts';

/** A caller is the same object for every request with one token. */
const names = new WeakMap<Caller, string>();

/** One caller by any of their tokens; strangers by where they come from. */
export function toCallerName(caller: Caller | undefined, network: string): string {
  if (caller === undefined || caller.kind === 'anonymous') return `address ${network}`;
  const known = names.get(caller);
  if (known !== undefined) return known;
  const about = [caller.issuer, caller.subject ?? caller.client ?? caller.credentialHash];
  const key = JSON.stringify(about);
  names.set(caller, key);
  return key;
}
