/**
 * Says who is calling: step `identify` of the walk. No credential is the anonymous caller, where
 * that is allowed; a credential that does not hold is a refusal, never anonymous. Fails closed: no
 * keys, no caller.
 *
 * A token seen before costs one look-up; its times are checked at every use, and it is forgotten
 * when the issuer's keys change.
 */
import { Refusal } from '../decision.ts';
import type { Caller } from '../request.ts';
import { type InboundHeaders, readCredential } from './credential.ts';
import { assertJwtConfig, type JwtConfig } from './jwt-config.ts';
import { createKeySet } from './key-set.ts';
import { createKeyReader, type ReadKeys } from './read-keys.ts';
import { createAnonymousCaller, toCaller } from './to-caller.ts';
import {
  type CachedToken,
  createTokenCache,
  type TokenCacheLimits,
  toTokenHash,
} from './token-cache.ts';
import type { Keys } from './usable-keys.ts';
import { refuseByTime, refuseHeader, verifyToken } from './verify-token.ts';

export interface IdentifyConfig {
  readonly jwt?: JwtConfig | undefined;
  readonly anonymous: 'refuse' | 'allow';
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface IdentifyTools {
  /** Reads a key set's text; the default reads files and URLs, 256 KiB at most. */
  readonly fetchKeys?: ReadKeys;
  /** Longest time for one reading of the keys. */
  readonly fetchTimeoutMs?: number;
  /** Told what is wrong with the issuer's keys, for the operator; holds no token. */
  readonly report?: (problem: string) => void;
  readonly cacheLimits?: TokenCacheLimits;
}

export interface Identify {
  /** The caller, or why there is none. Answers at once where nothing must be read or verified. */
  identify(headers: InboundHeaders): Promise<Caller | Refusal> | Caller | Refusal;
  /** Reads the keys now. Throws Error where there are none, for those who want to know at start. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

interface TokenDoor {
  identify(token: string): Promise<Caller | Refusal> | Caller | Refusal;
  ready(): Promise<void>;
  close(): Promise<void>;
}

const keySetBytesMax = 262_144;

/** The identify step for one issuer. Throws TypeError where its configuration would admit anyone. */
export function createIdentify(config: IdentifyConfig, tools: IdentifyTools = {}): Identify {
  const anonymous = createAnonymousCaller();
  const door = config.jwt ? createTokenDoor(config.jwt, config.now, tools) : closedDoor;
  return {
    identify(headers) {
      const credential = readCredential(headers);
      if (credential instanceof Refusal) return credential;
      if (credential !== undefined) return door.identify(credential);
      return config.anonymous === 'allow' ? anonymous : new Refusal('identify/missing');
    },
    ready: door.ready,
    close: door.close,
  };
}

/** Without an issuer no token is believed. */
const closedDoor: TokenDoor = {
  identify: () => new Refusal('identify/token-claims'),
  ready: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

function createTokenDoor(config: JwtConfig, now: () => number, tools: IdentifyTools): TokenDoor {
  assertJwtConfig(config);
  const cache = createTokenCache(tools.cacheLimits);
  const source = createKeySource(config.jwks, tools);
  const keySet = createKeySet({
    read: source.read,
    algorithms: config.algorithms,
    now,
    report: source.report,
    onChange: cache.clear,
  });

  function fromCache(token: string): Caller | Refusal | undefined {
    const entry = cache.get(token);
    if (!entry) return undefined;
    const refusal = refuseByTime(entry, { nowMs: now(), leewayMs: config.leewayMs });
    if (refusal) cache.delete(token);
    return refusal ?? entry.caller;
  }

  /** `keys` are those the token was verified with: an entry must not outlive them. */
  function remember(token: string, entry: CachedToken, keys: Keys): Caller {
    return keySet.latest() === keys ? cache.add(token, entry).caller : entry.caller;
  }

  async function verify(token: string, keys: Keys): Promise<Caller | Refusal | 'unknown-key'> {
    const verified = await verifyToken(token, { keys, config, nowMs: now() });
    if (verified instanceof Refusal || verified === 'unknown-key') return verified;
    const { expiresAt, notBefore } = verified;
    const caller = toCaller({ ...verified, credentialHash: toTokenHash(token) }, config);
    return remember(token, { caller, expiresAt, notBefore }, keys);
  }

  async function identifySlowly(token: string): Promise<Caller | Refusal> {
    const refusal = refuseHeader(token, config.algorithms);
    if (refusal) return refusal;
    const keys = await keySet.current();
    if (!keys) return new Refusal('identify/keys-unavailable');
    const outcome = fromCache(token) ?? (await verify(token, keys));
    if (outcome !== 'unknown-key') return outcome;
    const newer = await keySet.renew();
    const again = newer && newer !== keys ? await verify(token, newer) : outcome;
    return again === 'unknown-key' ? new Refusal('identify/token-signature') : again;
  }

  return {
    identify: (token) => (keySet.fresh() && fromCache(token)) || identifySlowly(token),
    async ready() {
      if (!(await keySet.current())) throw new Error(source.lastProblem());
    },
    close: source.close,
  };
}

function createKeySource(location: string, tools: IdentifyTools) {
  const reader = createKeyReader({ bytesMax: keySetBytesMax });
  const fetchKeys = tools.fetchKeys ?? reader.read;
  const closing = new AbortController();
  let problem = `keys of ${location}: not read yet`;
  return {
    read: () => {
      const timeout = AbortSignal.timeout(tools.fetchTimeoutMs ?? 5000);
      return fetchKeys(location, AbortSignal.any([closing.signal, timeout]));
    },
    report(what: string): void {
      problem = `keys of ${location}: ${what}`;
      tools.report?.(problem);
    },
    lastProblem: () => problem,
    async close(): Promise<void> {
      closing.abort();
      await reader.close();
    },
  };
}
