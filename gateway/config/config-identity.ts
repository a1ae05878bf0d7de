/**
 * The part of gateway.yaml about identifying callers. No default admits anyone: without credentials
 * to check, `anonymous: allow` must be written out.
 */
import { z } from 'zod';
import { complain } from '../files/yaml-complaint.ts';
import type { Algorithm } from '../identify/jwt-config.ts';
import { keyIssuer } from '../identify/key-issuer.ts';
import {
  apiKeysSchema,
  dpopSchema,
  introspectionSchema,
  revokedSchema,
} from './config-credentials.ts';
import { issuerSchema } from './config-issuer.ts';
import { isUrl } from './config-provider-url.ts';

export interface IdentityConfig {
  /** One entry per issuer. */
  readonly jwt: readonly JwtConfig[];
  readonly introspection: readonly IntrospectionConfig[];
  readonly apiKeys: (WatchedFileConfig & { readonly header: string }) | undefined;
  readonly revoked: WatchedFileConfig | undefined;
  readonly dpop: { readonly url: string; readonly maxAgeMs: number } | undefined;
  readonly anonymous: 'refuse' | 'allow';
}

interface WatchedFileConfig {
  readonly file: string;
  readonly reloadMs: number;
}

interface ClaimsConfig {
  readonly issuer: string;
  /** Claim names, or dotted paths to claims. */
  readonly scopes: string;
  readonly roles: string;
  readonly client: string;
  readonly leewayMs: number;
  /** Limits what the issuer may grant; undefined: no limit. */
  readonly may:
    | { readonly scopes: readonly string[]; readonly roles: readonly string[] }
    | undefined;
  readonly privateNetwork: boolean;
}

export interface JwtConfig extends ClaimsConfig {
  readonly audience: readonly string[];
  /** A URL, or the path of a file. */
  readonly jwks: string;
  readonly algorithms: readonly Algorithm[];
}

export interface IntrospectionConfig extends ClaimsConfig {
  readonly url: string;
  readonly audience: readonly string[] | undefined;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly cacheMs: number;
  readonly timeoutMs: number;
  readonly prefix: string | undefined;
  readonly jwt: boolean;
}

const identityKeys = z.strictObject({
  jwt: z.array(issuerSchema).min(1).max(50).optional(),
  introspection: z.array(introspectionSchema).min(1).max(20).optional(),
  apiKeys: apiKeysSchema.optional(),
  revoked: revokedSchema.optional(),
  dpop: dpopSchema.optional(),
  anonymous: z.enum(['refuse', 'allow']).default('refuse'),
});

type Written = z.output<typeof identityKeys>;
type Context = { issues: z.core.$ZodRawIssue[] };

export const identitySchema = identityKeys
  .superRefine((value, context) => {
    const { jwt, introspection, apiKeys, anonymous } = value;
    if (jwt ?? introspection ?? apiKeys ?? (anonymous === 'allow' || undefined)) return;
    const message =
      '"jwt", "introspection" or "apiKeys" is required, unless `anonymous: allow` lets everybody in';
    complain(context, { code: 'missing-key', message, path: ['jwt'], part: 'key' });
  })
  .superRefine(checkIssuers)
  .superRefine(checkPrefixes);

/** One entry per issuer: with two, one caller would have two ceilings and two audiences. */
function checkIssuers({ jwt = [], introspection = [] }: Written, context: Context): void {
  const entries = [
    ...jwt.map(({ issuer }, at) => ({ issuer, path: ['jwt', at, 'issuer'], kind: 'jwt' })),
    ...introspection.map(({ issuer, jwt: asksForJwt }, at) => ({
      issuer,
      path: ['introspection', at, 'issuer'],
      kind: asksForJwt ? 'both' : 'opaque',
    })),
  ];
  for (const [index, { issuer, path, kind }] of entries.entries()) {
    const clash = entries
      .slice(0, index)
      .some(
        (other) =>
          other.issuer === issuer &&
          (other.kind === kind || kind === 'both' || other.kind === 'both'),
      );
    if (clash) {
      const message = 'this issuer has an entry already: `audience` takes a list';
      complain(context, { code: 'duplicate-name', message, path });
    }
    if (issuer === keyIssuer) {
      const message = 'this is the issuer of API keys: no token may name it';
      complain(context, { code: 'wrong-value', message, path });
    }
  }
}

/** A token is introspected at one endpoint, so its prefix must identify that endpoint. */
function checkPrefixes({ introspection = [] }: Written, context: Context): void {
  for (const [index, { prefix }] of introspection.entries()) {
    const clash = introspection
      .slice(0, index)
      .some(({ prefix: other }) =>
        prefix === undefined || other === undefined
          ? prefix === other
          : prefix.startsWith(other) || other.startsWith(prefix),
      );
    if (!clash) continue;
    const message =
      'tokens must go to one endpoint: give each a `prefix` of its own (one may have none)';
    const path = ['introspection', index, ...(prefix === undefined ? [] : ['prefix'])];
    complain(context, { code: 'conflict', message, path });
  }
}

/** Refuses to forward headers that carry a caller's credential. */
export function checkCredentialHeaders(
  config: {
    readonly identity: { readonly apiKeys?: { readonly header: string } | undefined };
    readonly upstreams: Readonly<Record<string, { readonly forward: readonly string[] }>>;
  },
  context: Context,
): void {
  const credentials = ['dpop', config.identity.apiKeys?.header];
  for (const [name, { forward }] of Object.entries(config.upstreams)) {
    for (const [at, header] of forward.entries()) {
      if (!credentials.includes(header.toLowerCase())) continue;
      const message = 'this header carries credentials: it never crosses to an upstream';
      const path = ['upstreams', name, 'forward', at];
      complain(context, { code: 'forbidden-header', message, path });
    }
  }
}

/** Converts the checked section and resolves its paths. */
export function toIdentity(written: Written, resolve: (path: string) => string): IdentityConfig {
  const { jwt = [], introspection = [], apiKeys, revoked, dpop, anonymous } = written;
  return {
    anonymous,
    jwt: jwt.map(({ leeway, audience, jwks, privateNetwork = false, may, ...rest }) => ({
      ...rest,
      may,
      privateNetwork,
      audience: [audience].flat(),
      jwks: isUrl(jwks) ? jwks : resolve(jwks),
      leewayMs: leeway,
    })),
    introspection: introspection.map(
      ({ leeway, audience, cache, timeout, privateNetwork = false, may, prefix, ...rest }) => ({
        ...rest,
        may,
        prefix,
        privateNetwork,
        audience: audience === undefined ? undefined : [audience].flat(),
        cacheMs: cache,
        timeoutMs: timeout,
        leewayMs: leeway,
      }),
    ),
    apiKeys: apiKeys && {
      file: resolve(apiKeys.file),
      reloadMs: apiKeys.reload,
      header: apiKeys.header,
    },
    revoked: revoked && { file: resolve(revoked.file), reloadMs: revoked.reload },
    dpop: dpop && { url: dpop.url, maxAgeMs: dpop.maxAge },
  };
}
