/**
 * Verifies the tokens of one issuer with that issuer's keys, for that issuer's audience; tokens of
 * other issuers are routed elsewhere. A verified token rests on the set of keys that verified it,
 * and becomes invalid with it.
 */
import { Refusal } from '../decision.ts';
import { ConfigError, fileProblem } from '../files/config-error.ts';
import { readBinding } from './binding.ts';
import { assertJwtConfig, type JwtConfig } from './jwt-config.ts';
import { createKeySet, keyFilePace } from './key-set.ts';
import { createKeyReader, isKeyUrl, type ReadKeys } from './read-keys.ts';
import { toJti } from './revocations.ts';
import { toCaller } from './to-caller.ts';
import { type TokenCache, toCredentialHash, type VerifiedToken } from './token-cache.ts';
import type { DoorTools, PresentedToken, TokenDoor } from './token-door.ts';
import type { Keys } from './usable-keys.ts';
import { verifyToken } from './verify-token.ts';

export interface JwtDoorTools extends DoorTools {
  readonly cache: TokenCache;
  /** Reads a key set's text; the default reads files and URLs, 256 KiB at most. */
  readonly fetchKeys?: ReadKeys | undefined;
  /** Timeout of one read of the keys. */
  readonly fetchTimeoutMs?: number | undefined;
}

const keySetBytesMax = 262_144;

/** The door of one issuer. Throws TypeError if its configuration would admit anyone. */
export function createJwtDoor(config: JwtConfig, tools: JwtDoorTools): TokenDoor {
  assertJwtConfig(config);
  const source = createKeySource(config, tools);
  const { cache, now } = tools;
  const keySet = createKeySet({
    read: source.read,
    algorithms: config.algorithms,
    now,
    report: source.report,
    ...(isKeyUrl(config.jwks) ? {} : { pace: keyFilePace }),
  });

  async function check(
    token: string,
    hash: string,
    keys: Keys,
  ): Promise<VerifiedToken | Refusal | 'unknown-key'> {
    const verified = await verifyToken(token, { keys, config, nowMs: now() });
    if (verified instanceof Refusal || verified === 'unknown-key') return verified;
    const binding = readBinding(verified.claims);
    if (binding instanceof Refusal) return binding;
    const { claims, expiresAt, notBefore } = verified;
    const entry: VerifiedToken = {
      caller: toCaller({ claims, expiresAt, credentialHash: toCredentialHash(token) }, config),
      expiresAt,
      notBefore,
      leewayMs: config.leewayMs,
      issuedAt: typeof claims.iat === 'number' ? claims.iat : undefined,
      jti: toJti(claims.jti),
      binding,
      basis: keys,
      holds: () => keySet.fresh() === keys,
      clearedBy: undefined,
    };
    // An entry must not outlive the keys that verified it.
    return keySet.latest() === keys ? cache.add(hash, entry, token.length) : entry;
  }

  async function verify({
    token,
    hash,
    header: { alg },
  }: PresentedToken): Promise<VerifiedToken | Refusal> {
    if (typeof alg !== 'string' || !config.algorithms.includes(alg)) {
      return new Refusal('identify/token-algorithm');
    }
    const keys = await keySet.current();
    if (!keys) return new Refusal('identify/keys-unavailable');
    const known = cache.get(hash);
    if (known?.basis === keys) return known;
    const outcome = await check(token, hash, keys);
    if (outcome !== 'unknown-key' && !isWronglySigned(outcome)) return outcome;
    const newer = await keySet.renew();
    const again = newer && newer !== keys ? await check(token, hash, newer) : outcome;
    return again === 'unknown-key' ? new Refusal('identify/token-signature') : again;
  }

  return {
    verify,
    async ready() {
      if (await keySet.current()) return;
      // An issuer that is down may recover; a file has to exist.
      if (isKeyUrl(config.jwks)) return;
      const message = `identity.jwt.jwks: ${source.lastProblem()}`;
      throw new ConfigError([fileProblem(config.jwks, 'wrong-value', message)]);
    },
    close: source.close,
  };
}

/** The key may be new nonetheless: some issuers send no key id, or reuse the last one. */
const isWronglySigned = (outcome: VerifiedToken | Refusal): boolean =>
  outcome instanceof Refusal && outcome.reason === 'identify/token-signature';

function createKeySource(config: JwtConfig, tools: JwtDoorTools) {
  const { jwks: location, privateNetwork = false } = config;
  const reader = createKeyReader(location, { bytesMax: keySetBytesMax, privateNetwork });
  const fetchKeys = tools.fetchKeys ?? reader.read;
  const closing = new AbortController();
  let problem = 'not read yet';
  return {
    read: () => {
      const timeout = AbortSignal.timeout(tools.fetchTimeoutMs ?? 5000);
      return fetchKeys(location, AbortSignal.any([closing.signal, timeout]));
    },
    report(what: string): void {
      if (closing.signal.aborted) return;
      problem = what;
      tools.report(`keys of ${location}: ${what}`);
    },
    lastProblem: () => problem,
    async close(): Promise<void> {
      closing.abort();
      await reader.close();
    },
  };
}
