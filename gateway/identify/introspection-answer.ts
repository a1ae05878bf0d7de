/**
 * Reads an introspection response (RFC 7662, 2.2). Pure, and stricter than the standard: only the
 * JSON value `true` is active, and the response must call the token an access token, or a refresh
 * token would be accepted too.
 */
import { Refusal } from '../decision.ts';
import type { Ceiling } from './ceiling.ts';
import { parseStrictObject } from './strict-json.ts';

export interface IntrospectionConfig {
  readonly url: string;
  /** The issuer of these tokens: with the subject, the caller's identity. */
  readonly issuer: string;
  /** If given, a response must name one of these. */
  readonly audience: readonly string[] | undefined;
  readonly clientId: string;
  readonly clientSecret: string;
  /** How long a response is valid. */
  readonly cacheMs: number;
  readonly timeoutMs: number;
  /** Prefix of the tokens for this endpoint; absent: all that no other endpoint takes. */
  readonly prefix?: string | undefined;
  /** Whether JSON Web Tokens that name the issuer are introspected too. */
  readonly jwt: boolean;
  readonly scopes: string;
  readonly roles: string;
  readonly client: string;
  readonly leewayMs: number;
  readonly may?: Ceiling | undefined;
  readonly privateNetwork?: boolean;
}

export interface Introspected {
  readonly claims: Readonly<Record<string, unknown>>;
  readonly expiresAt: number | undefined;
  readonly notBefore: number | undefined;
  /** Whether the provider calls it a DPoP token, which is bound to a key. */
  readonly isDpop: boolean;
}

/** The claims of an active token; a refusal for other tokens and for malformed responses. */
export function readIntrospection(
  text: string,
  config: Pick<IntrospectionConfig, 'issuer' | 'audience'>,
): Introspected | Refusal {
  const answer = parseStrictObject(text);
  if (answer === undefined || typeof answer.active !== 'boolean') {
    return new Refusal('identify/introspection-unavailable');
  }
  if (!answer.active) return new Refusal('identify/token-inactive');
  const { iss, exp, nbf } = answer;
  const isRight =
    (iss === undefined || iss === config.issuer) &&
    isAccessToken(answer) &&
    isForUs(answer.aud, config.audience) &&
    isTime(exp) &&
    isTime(nbf);
  if (!isRight) return new Refusal('identify/token-claims');
  const { active: _active, ...claims } = answer;
  return {
    claims,
    expiresAt: typeof exp === 'number' ? exp : undefined,
    notBefore: typeof nbf === 'number' ? nbf : undefined,
    isDpop: isDpop(answer.token_type),
  };
}

function isAccessToken({ token_type: type, token_use: use }: Record<string, unknown>): boolean {
  const isBearer = typeof type === 'string' && type.toLowerCase() === 'bearer';
  if (!isBearer && !isDpop(type)) return false;
  return use === undefined || use === 'access_token';
}

const isDpop = (type: unknown): boolean =>
  typeof type === 'string' && type.toLowerCase() === 'dpop';

function isForUs(aud: unknown, audience: readonly string[] | undefined): boolean {
  if (audience === undefined) return true;
  return [aud].flat().some((one) => typeof one === 'string' && audience.includes(one));
}

const isTime = (value: unknown): boolean => value === undefined || Number.isFinite(value);
