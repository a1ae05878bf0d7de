/**
 * Reads an introspection answer (RFC 7662, 2.2). Pure, and strict where the standard is not: only
 * the JSON value `true` is active, and only an answer that calls the token an access token lets it
 * in, or a refresh token would do as well.
 */
import { Refusal } from '../decision.ts';
import type { Ceiling } from './ceiling.ts';
import { parseStrictObject } from './strict-json.ts';

export interface IntrospectionConfig {
  readonly url: string;
  /** Whose tokens these are: with the subject, who the caller is. */
  readonly issuer: string;
  /** Where given, an answer must name one of these. */
  readonly audience: readonly string[] | undefined;
  readonly clientId: string;
  readonly clientSecret: string;
  /** How long an answer is good for. */
  readonly cacheMs: number;
  readonly timeoutMs: number;
  /** What tokens for this endpoint begin with; absent: all that no other endpoint is for. */
  readonly prefix?: string | undefined;
  /** Whether JSON Web Tokens that name the issuer are asked about as well. */
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
}

/** The claims of an active token; a refusal for others, and for what is no answer. */
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
  };
}

function isAccessToken({ token_type: type, token_use: use }: Record<string, unknown>): boolean {
  if (typeof type !== 'string' || !/^(?:bearer|dpop)$/i.test(type)) return false;
  return use === undefined || use === 'access_token';
}

function isForUs(aud: unknown, audience: readonly string[] | undefined): boolean {
  if (audience === undefined) return true;
  return [aud].flat().some((one) => typeof one === 'string' && audience.includes(one));
}

const isTime = (value: unknown): boolean => value === undefined || Number.isFinite(value);
