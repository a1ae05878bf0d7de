/**
 * Keyed hashes that stand for users in telemetry. Without a key, readers of traces could hash all
 * users until one matches. The key is not the audit trail's, so that the two cannot be joined by
 * hash.
 */
import { createHmac } from 'node:crypto';
import { toCallerName } from '../../caller-name.ts';
import type { Caller } from '../../request.ts';

/**
 * 32 hex digits for a caller, the same for all tokens of a subject; undefined for the anonymous.
 */
export type ToUserHash = (caller: Caller) => string | undefined;

export function createUserHash(key: string | Uint8Array): ToUserHash {
  // A caller is cached as long as its token, and so is its hash.
  const hashByCaller = new WeakMap<Caller, string>();
  return (caller) => {
    if (caller.kind === 'anonymous') return undefined;
    const found = hashByCaller.get(caller);
    if (found !== undefined) return found;
    const name = toCallerName(caller, '');
    const made = createHmac('sha256', key).update(name).digest('hex').slice(0, 32);
    hashByCaller.set(caller, made);
    return made;
  };
}
