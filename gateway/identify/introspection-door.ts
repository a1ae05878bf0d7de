/**
 * Asks the provider about opaque tokens (RFC 7662), once per token while the response is valid.
 * Bounded: one question per token at a time, the number of concurrent questions and of requests
 * waiting for them, the time and size of a response, and the remembered refusals. Fails closed:
 * without a response there is no caller.
 */
import { LRUCache } from 'lru-cache';
import { Refusal } from '../decision.ts';
import { readBinding } from './binding.ts';
import { type IntrospectionConfig, readIntrospection } from './introspection-answer.ts';
import { createOutbound } from './outbound.ts';
import { toJti } from './revocations.ts';
import { SharedPlaces } from './shared-places.ts';
import { toCaller } from './to-caller.ts';
import { type TokenCache, toCredentialHash, type VerifiedToken } from './token-cache.ts';
import type { DoorTools, PresentedToken, TokenDoor } from './token-door.ts';
import { refuseByTime } from './verify-token.ts';

/** Concurrent questions to one endpoint; more are refused, not queued. Shared out by network. */
export const questionsMax = 64;
/**
 * Most requests waiting for them: a hanging provider must not occupy all places of the gateway.
 * Shared out by network.
 */
export const waitingMax = 512;
/** Longest time for which a refused token is not asked about again. */
export const inactiveMs = 5000;
const inactiveMax = 10_000;
const answerBytesMax = 65_536;

/** The door of one endpoint. Throws Error if its address may not be reached. */
export function createIntrospectionDoor(
  config: IntrospectionConfig,
  tools: DoorTools & { readonly cache: TokenCache },
): TokenDoor {
  const { cache, now } = tools;
  const ask = createAsk(config);
  const pending = new Map<string, Promise<VerifiedToken | Refusal>>();
  const inactive = new LRUCache<string, { refusal: Refusal; askedAtMs: number }>({
    max: inactiveMax,
  });
  const inactiveKeepMs = Math.min(inactiveMs, config.cacheMs);
  const questions = new SharedPlaces(questionsMax);
  const waiting = new SharedPlaces(waitingMax);
  let lastFailure: string | undefined;

  async function question(token: string, hash: string): Promise<VerifiedToken | Refusal> {
    const askedAtMs = now();
    // Dropped now: if the clock goes back and forth, the old entry must not become valid again.
    cache.delete(hash);
    let text: string;
    try {
      text = await ask.send(token);
    } catch (error) {
      return unavailable(error instanceof Error ? error.message || error.name : String(error));
    }
    const outcome = toVerified(text, { config, token, askedAtMs, now });
    if (!(outcome instanceof Refusal)) {
      lastFailure = undefined;
      return config.cacheMs > 0 ? cache.add(hash, outcome, token.length) : outcome;
    }
    if (outcome.reason === 'identify/introspection-unavailable') return unavailable('no answer');
    inactive.set(hash, { refusal: outcome, askedAtMs });
    return outcome;
  }

  /** Reports once per kind of failure, not once per token. */
  function unavailable(why: string): Refusal {
    if (why !== lastFailure) tools.report(`introspection at ${config.url}: ${why}`);
    lastFailure = why;
    return new Refusal('identify/introspection-unavailable');
  }

  function verify(presented: PresentedToken): Promise<VerifiedToken | Refusal> {
    const { hash, network } = presented;
    const refused = inactive.get(hash);
    if (refused !== undefined && isWithin(now() - refused.askedAtMs, inactiveKeepMs)) {
      return Promise.resolve(refused.refusal);
    }
    if (!waiting.take(network)) return Promise.resolve(unavailable('too many questions'));
    const answer = pending.get(hash) ?? begin(presented);
    return answer.finally(() => waiting.giveBack(network));
  }

  function begin({ token, hash, network }: PresentedToken): Promise<VerifiedToken | Refusal> {
    if (!questions.take(network)) return Promise.resolve(unavailable('too many questions'));
    const asked = question(token, hash).finally(() => {
      pending.delete(hash);
      questions.giveBack(network);
    });
    pending.set(hash, asked);
    return asked;
  }

  return { verify, ready: () => Promise.resolve(), close: ask.close };
}

/** A negative age counts as over: setting the clock back must not make a response last longer. */
const isWithin = (ageMs: number, keepMs: number): boolean => ageMs >= 0 && ageMs < keepMs;

function toVerified(
  text: string,
  about: { config: IntrospectionConfig; token: string; askedAtMs: number; now: () => number },
): VerifiedToken | Refusal {
  const { config, token, askedAtMs, now } = about;
  const answer = readIntrospection(text, config);
  if (answer instanceof Refusal) return answer;
  const { claims, expiresAt, notBefore, isDpop } = answer;
  const binding = readBinding(claims);
  if (binding instanceof Refusal) return binding;
  // Without the key there is nothing to prove, and whoever copied the token could use it.
  if (isDpop && binding?.keyThumbprint === undefined) return new Refusal('identify/token-binding');
  const { leewayMs, cacheMs } = config;
  const refusal = refuseByTime({ expiresAt, notBefore }, { nowMs: now(), leewayMs });
  if (refusal) return refusal;
  return {
    caller: toCaller({ claims, expiresAt, credentialHash: toCredentialHash(token) }, config),
    expiresAt,
    notBefore,
    leewayMs,
    issuedAt: typeof claims.iat === 'number' ? claims.iat : undefined,
    jti: toJti(claims.jti),
    binding,
    basis: answer,
    holds: () => isWithin(now() - askedAtMs, cacheMs),
    clearedBy: undefined,
  };
}

function createAsk(config: IntrospectionConfig) {
  const { url, clientId, clientSecret, privateNetwork = false } = config;
  const outbound = createOutbound(url, { privateNetwork, connections: 16 });
  const closing = new AbortController();
  const encode = (text: string): string => new URLSearchParams({ a: text }).toString().slice(2);
  const pair = Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64');
  const headers = {
    accept: 'application/json',
    authorization: `Basic ${pair}`,
    'content-type': 'application/x-www-form-urlencoded',
  };
  return {
    send: (token: string) =>
      outbound.ask({
        method: 'POST',
        headers,
        body: new URLSearchParams({ token, token_type_hint: 'access_token' }).toString(),
        signal: AbortSignal.any([closing.signal, AbortSignal.timeout(config.timeoutMs)]),
        bytesMax: answerBytesMax,
      }),
    async close(): Promise<void> {
      closing.abort();
      await outbound.close();
    },
  };
}
