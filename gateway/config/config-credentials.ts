/** The part of gateway.yaml about credentials other than JSON Web Tokens, and about DPoP proofs. */
import { z } from 'zod';
import { complain } from '../files/yaml-complaint.ts';
import { word } from '../identify/word.ts';
import { durationPattern, parseDuration } from '../time/duration.ts';
import { ceiling, leeway } from './config-issuer.ts';
import { filePath } from './config-listen.ts';
import { checkReach, privateNetwork, providerUrl } from './config-provider-url.ts';

/** A duration between two bounds, in milliseconds; `preset` if omitted. */
function between(least: string, most: string, preset: string) {
  const bound = (text: string): number => parseDuration(text) ?? 0;
  // Invalid durations have been reported already.
  const isBetween = (ms: number | undefined): boolean =>
    ms === undefined || (ms >= bound(least) && ms <= bound(most));
  return z
    .string()
    .regex(durationPattern)
    .describe(`a duration from ${least} to ${most}, such as ${preset}`)
    .refine((text) => isBetween(parseDuration(text)), {
      params: { code: 'out-of-range', message: `must be from ${least} to ${most}` },
    })
    .default(preset)
    .transform(bound);
}

export const introspectionSchema = z
  .strictObject({
    url: providerUrl,
    issuer: word,
    audience: z
      .union([word, z.array(word).min(1).max(50)])
      .describe('the audience of the tokens: text, or a list of texts')
      .optional(),
    clientId: word,
    clientSecret: word,
    cache: between('0s', '5m', '30s'),
    timeout: between('100ms', '30s', '3s'),
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9\-._~+/]{1,64}$/)
      .describe('what the tokens begin with: 1 to 64 characters of a token')
      .optional(),
    jwt: z.boolean().default(false),
    scopes: word.default('scope'),
    roles: word.default('roles'),
    client: word.default('client_id'),
    leeway,
    may: ceiling.optional(),
    privateNetwork,
  })
  .superRefine((value, context) => checkReach(value, { key: 'url', url: value.url }, context));

/** Headers that already have a meaning. */
const taken = new Set(
  'authorization cookie dpop host origin content-type content-length accept forwarded'.split(' '),
);

const keyHeader = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/)
  .describe('a header name')
  .superRefine((name, context) => {
    if (!taken.has(name.toLowerCase())) return;
    const message = 'this header has a meaning of its own: use another, such as x-api-key';
    complain(context, { code: 'forbidden-header', message });
  })
  .default('x-api-key')
  .transform((name) => name.toLowerCase());

export const apiKeysSchema = z.strictObject({
  file: filePath,
  header: keyHeader,
  reload: between('1s', '5m', '5s'),
});

export const revokedSchema = z.strictObject({
  file: filePath,
  reload: between('1s', '5m', '5s'),
});

const endpoint = 'the http(s) URL of the GraphQL endpoint as callers write it, without a query';

export const dpopSchema = z.strictObject({
  url: z
    .string()
    .superRefine((text, context) => {
      const url = URL.parse(text);
      const isRight = /^https?:$/.test(url?.protocol ?? '') && !/[?#@]/.test(text);
      if (!isRight) complain(context, { code: 'unsafe-url', message: `must be ${endpoint}` });
    })
    .describe(endpoint),
  maxAge: between('5s', '5m', '1m'),
});
