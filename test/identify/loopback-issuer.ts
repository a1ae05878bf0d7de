/**
 * An identity provider on a loopback socket: signs tokens, publishes its keys, and misbehaves on
 * demand. Counts how often its keys were asked for.
 */
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { Refusal } from '../../gateway/decision.ts';
import {
  createIdentify,
  type IdentifyConfig,
  type IdentifyTools,
} from '../../gateway/identify/caller.ts';
import type { JwtConfig } from '../../gateway/identify/jwt-config.ts';
import type { Caller } from '../../gateway/request.ts';

export const startMs = Date.UTC(2026, 0, 5, 9);

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function createSigningKey(kid: string, alg = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' };
  return { kid, alg, privateKey, jwk };
}

export interface TokenParts {
  readonly key: SigningKey;
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** A token that is good at `startMs` for five minutes, except for what `parts` says. */
export function signToken({ key, claims = {}, header = {} }: TokenParts): Promise<string> {
  const now = startMs / 1000;
  const payload = {
    iss: 'https://idp.example',
    aud: 'graph',
    sub: 'user-1',
    exp: now + 300,
    scope: 'hr:read',
    ...claims,
  };
  return new SignJWT(payload)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
    .sign(key.privateKey, { crit: { exp: true, b64: true } });
}

/** Header and payload as they are, with any signature: for tokens that no library would make. */
export function forgeToken(header: unknown, claims: unknown, signature = 'AAAA'): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part(header)}.${part(claims)}.${signature}`;
}

/** Texts that need not be JSON, signed by the issuer's own RS256 key. */
export async function signTexts(key: SigningKey, header: string, claims: string): Promise<string> {
  const encode = (text: string): string => Buffer.from(text).toString('base64url');
  const input = `${encode(header)}.${encode(claims)}`;
  const data = Buffer.from(input);
  const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', key.privateKey, data);
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

export interface Issuer {
  readonly url: string;
  readonly origin: string;
  /** Requests for the keys so far. */
  hits(): number;
  publish(keys: readonly JWK[]): void;
  /** Replaces the answer; undefined publishes keys again. */
  behave(answer: RequestListener | undefined): void;
  close(): Promise<void>;
}

export async function startIssuer(keys: readonly JWK[]): Promise<Issuer> {
  let published = keys;
  let misbehave: RequestListener | undefined;
  let hits = 0;
  const server = createServer((request, response) => {
    hits += 1;
    if (misbehave) misbehave(request, response);
    else sendKeys(response, published);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    url: `${origin}/jwks.json`,
    hits: () => hits,
    publish(next) {
      published = next;
    },
    behave(answer) {
      misbehave = answer;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export function sendKeys(response: ServerResponse, keys: readonly JWK[]): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
}

/** The identify step against one issuer, with a clock that the test moves. */
export function createDoor(
  jwks: string,
  options: {
    jwt?: Partial<JwtConfig>;
    anonymous?: 'refuse' | 'allow';
    /** Other credentials, or instead of the one issuer. */
    more?: Partial<IdentifyConfig>;
  } & IdentifyTools = {},
) {
  let nowMs = startMs;
  const problems: string[] = [];
  const { jwt, anonymous = 'refuse', more, ...tools } = options;
  const config: JwtConfig = {
    issuer: 'https://idp.example',
    audience: 'graph',
    jwks,
    algorithms: ['ES256', 'RS256', 'EdDSA'],
    scopes: 'scope',
    roles: 'roles',
    client: 'azp',
    leewayMs: 5000,
    ...jwt,
  };
  const step = createIdentify(
    { jwt: [config], anonymous, now: () => nowMs, ...more },
    { report: (problem) => problems.push(problem), ...tools },
  );
  return {
    problems,
    step,
    advance(ms: number) {
      nowMs += ms;
    },
    async use(token: string): Promise<Caller | Refusal> {
      return step.identify({ raw: ['Authorization', `Bearer ${token}`] });
    },
    /** `caller`, or the reason of the refusal. */
    async verdict(token: string): Promise<string> {
      return toVerdict(await step.identify({ raw: ['Authorization', `Bearer ${token}`] }));
    },
    close: () => step.close(),
  };
}

export type Door = ReturnType<typeof createDoor>;

export function toVerdict(outcome: Caller | Refusal): string {
  return outcome instanceof Refusal ? outcome.reason : 'caller';
}
