/**
 * Identifies the caller of a token: from the cache, synchronously, if its basis is still valid and
 * no file is due for a check; otherwise through its door. In both cases its times, revocation and
 * binding are checked now.
 */
import { Refusal } from '../decision.ts';
import type { Caller } from '../request.ts';
import { type ProveKey, refuseUnproven } from './binding.ts';
import type { InboundHeaders, TokenCredential } from './credential.ts';
import type { RevocationCheck } from './revocations.ts';
import { type TokenCache, toTokenHash, type VerifiedToken } from './token-cache.ts';
import { type Doors, findDoor } from './token-router.ts';
import { refuseByTime } from './verify-token.ts';

export interface TokenStepTools {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly cache: TokenCache;
  readonly doors: Doors;
  readonly refuseRevoked: RevocationCheck;
  /** Undefined if proofs are not configured. */
  readonly proveKey: ProveKey | undefined;
  /** Whether a watched file is due for a check. */
  readonly isDue: () => boolean;
  readonly refresh: () => Promise<void>;
}

type Outcome = Caller | Refusal;
export type TokenStep = (
  credential: TokenCredential,
  request: InboundHeaders,
) => Outcome | Promise<Outcome>;

/** Creates the part of identify that handles tokens. */
export function createTokenStep(tools: TokenStepTools): TokenStep {
  const { now, cache, doors, refuseRevoked, proveKey } = tools;

  function settle(
    entry: VerifiedToken,
    hash: string,
    credential: TokenCredential,
    request: InboundHeaders,
  ): Outcome | Promise<Outcome> {
    const refusal =
      refuseByTime(entry, { nowMs: now(), leewayMs: entry.leewayMs }) ?? refuseRevoked(entry);
    if (refusal !== undefined) {
      cache.delete(hash);
      return refusal;
    }
    const unproven = refuseUnproven(
      entry.binding,
      { credential, request, tokenHash: hash },
      proveKey,
    );
    if (unproven instanceof Promise) return unproven.then((outcome) => outcome ?? entry.caller);
    return unproven ?? entry.caller;
  }

  function identifyToken(
    credential: TokenCredential,
    request: InboundHeaders,
  ): Outcome | Promise<Outcome> {
    const hash = toTokenHash(credential.token);
    const known = cache.get(hash);
    if (known?.holds() && !tools.isDue()) return settle(known, hash, credential, request);
    return identifySlowly(hash, credential, request);
  }

  async function identifySlowly(
    hash: string,
    credential: TokenCredential,
    request: InboundHeaders,
  ): Promise<Outcome> {
    await tools.refresh();
    const known = cache.get(hash);
    if (known?.holds()) return settle(known, hash, credential, request);
    const found = findDoor(credential.token, doors);
    if (found instanceof Refusal) return found;
    const { door, header } = found;
    const { token } = credential;
    const verified = await door.verify({ token, hash, header, network: request.network ?? '' });
    if (verified instanceof Refusal) return verified;
    return settle(verified, hash, credential, request);
  }

  return identifyToken;
}
