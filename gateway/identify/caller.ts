/**
 * Identifies the caller: step `identify` of the walk. A request without a credential is the
 * anonymous caller, if that is allowed; an invalid credential is a refusal, never anonymous. Fails
 * closed: without keys no caller is identified.
 *
 * A token seen before costs one lookup and is answered synchronously; its times, revocation, basis
 * and binding are checked at every use.
 */
import { Refusal } from '../decision.ts';
import type { SourceReport } from '../files/file-source.ts';
import { type ReadFile, readFileVersion } from '../files/read-file.ts';
import type { Caller } from '../request.ts';
import { type ApiKeysConfig, createApiKeySource, identifyKey } from './api-keys.ts';
import { createChallenge } from './challenge.ts';
import { type Credential, type InboundHeaders, readCredential } from './credential.ts';
import { createProveKey, type ProofRules, proofKeepMs } from './dpop-proof.ts';
import type { IntrospectionConfig } from './introspection-answer.ts';
import { createIntrospectionDoor } from './introspection-door.ts';
import type { JwtConfig } from './jwt-config.ts';
import { createJwtDoor, type JwtDoorTools } from './jwt-door.ts';
import type { ReadKeys } from './read-keys.ts';
import { createReplayStore, type ReplayLimits, type Replays } from './replay-store.ts';
import { createRevocationCheck, createRevocationSource } from './revocations.ts';
import { createAnonymousCaller } from './to-caller.ts';
import { createTokenCache, type TokenCacheLimits } from './token-cache.ts';
import type { TokenDoor } from './token-door.ts';
import type { Doors } from './token-router.ts';
import { createTokenStep } from './token-step.ts';
import type { WatchedFile } from './watched-yaml.ts';

export interface IdentifyConfig {
  /** One per issuer. */
  readonly jwt?: readonly JwtConfig[] | undefined;
  readonly introspection?: readonly IntrospectionConfig[] | undefined;
  readonly apiKeys?: ApiKeysConfig | undefined;
  readonly revoked?: WatchedFile | undefined;
  /** Absent: tokens bound to a key are refused. */
  readonly dpop?: ProofRules | undefined;
  readonly anonymous: 'refuse' | 'allow';
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface IdentifyTools {
  /** Reads a key set's text; the default reads files and URLs, 256 KiB at most. */
  readonly fetchKeys?: ReadKeys;
  /** Timeout of one read of the keys. */
  readonly fetchTimeoutMs?: number;
  /** Reads the files of API keys and revocations. */
  readonly readFile?: ReadFile;
  /** Receives what is wrong with an issuer, for the operator; contains no token. */
  readonly report?: (problem: string) => void;
  /** Called when a file of keys or revocations was read or is invalid. */
  readonly reportFile?: (report: SourceReport) => void;
  readonly cacheLimits?: TokenCacheLimits;
  readonly replayLimits?: ReplayLimits;
  /** Remembers used proofs; the default is the store of this process. */
  readonly replays?: Replays;
}

export interface Identify {
  /** The caller, or the refusal. Synchronous if nothing must be read or verified. */
  identify(request: InboundHeaders): Promise<Caller | Refusal> | Caller | Refusal;
  /**
   * Reads files and keys. Throws ConfigError or Error if a file is missing or invalid; an
   * unavailable provider is only reported, since it may recover.
   */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/** Creates the identify step. Throws TypeError or Error if its configuration would admit anyone. */
export function createIdentify(config: IdentifyConfig, tools: IdentifyTools = {}): Identify {
  const { now } = config;
  const { report = ignore } = tools;
  const fileTools = {
    now,
    readFile: tools.readFile ?? readFileVersion,
    report: tools.reportFile ?? ignore,
  };
  const anonymous = createAnonymousCaller();
  const challenge = createChallenge(config);
  const keys = config.apiKeys && createApiKeySource(config.apiKeys, fileTools);
  const revoked = config.revoked && createRevocationSource(config.revoked, fileTools);
  const files = [keys, revoked].filter((source) => source !== undefined);
  const cache = createTokenCache(tools.cacheLimits);
  const { doors, all } = createDoors(config, { ...tools, now, report, cache });
  const proveKey =
    config.dpop && createProveKey(config.dpop, { now, replays: toReplays(config.dpop, tools) });

  const refuseRevoked = createRevocationCheck(revoked);
  const isDue = (): boolean => files.some((source) => source.isDue());
  const refresh = async (): Promise<void> => {
    await Promise.all(files.map((source) => source.refreshIfDue()));
  };
  const identifyToken = createTokenStep({
    now,
    cache,
    doors,
    refuseRevoked,
    proveKey,
    isDue,
    refresh,
  });

  function identifyByKey(key: string): Caller | Refusal {
    const caller = identifyKey(key, keys?.current(), now());
    if (caller instanceof Refusal) return caller;
    const about = { caller, jti: undefined, issuedAt: undefined, clearedBy: undefined };
    return refuseRevoked(about) ?? caller;
  }

  async function identifyKeySlowly(key: string): Promise<Caller | Refusal> {
    await refresh();
    return identifyByKey(key);
  }

  function identify(
    credential: Credential | undefined | Refusal,
    request: InboundHeaders,
  ): Caller | Refusal | Promise<Caller | Refusal> {
    if (credential instanceof Refusal) return credential;
    if (credential === undefined) {
      return config.anonymous === 'allow' ? anonymous : new Refusal('identify/missing');
    }
    if (credential.scheme !== 'key') return identifyToken(credential, request);
    return isDue() ? identifyKeySlowly(credential.key) : identifyByKey(credential.key);
  }

  return {
    identify(request) {
      const outcome = identify(readCredential(request.raw, config.apiKeys?.header), request);
      return outcome instanceof Promise ? outcome.then(challenge) : challenge(outcome);
    },
    async ready() {
      await Promise.all([
        ...files.map((source) => source.start()),
        ...all.map((door) => door.ready()),
      ]);
    },
    async close() {
      await Promise.all(all.map((door) => door.close()));
    },
  };
}

const ignore = (): void => undefined;

const toReplays = (rules: ProofRules, { replays, replayLimits }: IdentifyTools): Replays =>
  replays ?? createReplayStore(proofKeepMs(rules), () => performance.now(), replayLimits);

function createDoors(
  { jwt = [], introspection = [] }: IdentifyConfig,
  tools: JwtDoorTools,
): { doors: Doors; all: readonly TokenDoor[] } {
  const byIssuer = new Map<string, TokenDoor>();
  const opaque: Doors['opaque'][number][] = [];
  const add = (issuer: string, door: TokenDoor): TokenDoor => {
    // With two doors for one issuer, one subject could be two callers.
    if (byIssuer.has(issuer)) throw new TypeError(`identity: issuer ${issuer} stands here twice`);
    byIssuer.set(issuer, door);
    return door;
  };
  const verifying = jwt.map((one) => add(one.issuer, createJwtDoor(one, tools)));
  const asking = introspection.map((one) => {
    const door = createIntrospectionDoor(one, tools);
    opaque.push({ door, prefix: one.prefix });
    return one.jwt ? add(one.issuer, door) : door;
  });
  return { doors: { byIssuer, opaque }, all: [...verifying, ...asking] };
}
