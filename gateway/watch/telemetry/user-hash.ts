/**
 * Keyed hashes that stand for users in telemetry. Keyed, since whoever reads traces could
 * otherwise hash all users until one fits. Not the key of the audit trail: the two must not be
 * joined by hash.
 */
import { createHmac } from 'node:crypto';
import type { Caller } from '../../request.ts';

/**
 * 32 hex digits for a caller, the same for all tokens of one subject; undefined for the anonymous.
 */
export type ToUserHash = (caller: Caller) => string | undefined;

export function createUserHash(key: string | Uint8Array): ToUserHash {
  // A caller lives as long as its token is cached, and so does its hash.
  const known = new WeakMap<Caller, string>();
  return (caller) => {
    if (caller.kind === 'anonymous') return undefined;
    const found = known.get(caller);
    if (found !== undefined) return found;
    const { issuer, subject, client, credentialHash } = caller;
    const text = JSON.stringify([issuer, subject ?? client ?? credentialHash]);
    const made = createHmac('sha256', key).update(text).digest('hex').slice(0, 32);
    known.set(caller, made);
    return made;
  };
}
