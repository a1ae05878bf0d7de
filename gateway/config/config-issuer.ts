/** The part of gateway.yaml about one issuer of JSON Web Tokens. */
import { z } from 'zod';
import { didYouMean } from '../files/nearest.ts';
import { complain } from '../files/yaml-complaint.ts';
import { type Algorithm, algorithms } from '../identify/jwt-config.ts';
import { word } from '../identify/word.ts';
import { durationPattern, parseDuration } from '../time/duration.ts';
import { filePath } from './config-listen.ts';
import { checkReach, isSafeProviderUrl, isUrl, privateNetwork } from './config-provider-url.ts';

const isAlgorithm = (text: string): text is Algorithm =>
  (algorithms as readonly string[]).includes(text);

/** Refuses HMAC, with which every verifier can forge tokens, and `none`, which signs nothing. */
const algorithm = z
  .string()
  .superRefine((text, context) => {
    if (isAlgorithm(text)) return;
    const list = algorithms.join(', ');
    if (/^(?:none|hs\d+)$/i.test(text)) {
      const message = `algorithms that need no private key are refused: use one of ${list}`;
      complain(context, { code: 'unsafe-algorithm', message });
    } else {
      const message = `must be one of ${list}${didYouMean(text, algorithms)}`;
      complain(context, { code: 'wrong-value', message });
    }
  })
  .meta({ enum: [...algorithms], description: 'a signature algorithm with a public key' })
  .transform((text) => text as Algorithm);

const jwks = filePath.superRefine((text, context) => {
  if (!isUrl(text) || isSafeProviderUrl(text)) return;
  const message =
    'must be a file, or an https URL (http on a loopback address) without credentials';
  complain(context, { code: 'unsafe-url', message });
});

const leewayMaxMs = 60_000;

export const leeway = z
  .string()
  .regex(durationPattern)
  .describe('a duration such as 5s, at most 60s')
  .refine((text) => (parseDuration(text) ?? 0) <= leewayMaxMs, {
    params: { code: 'out-of-range', message: 'must be at most 60s' },
  })
  .default('5s')
  .transform((text) => parseDuration(text) ?? 0);

const pattern = z
  .string()
  .regex(/^[^\s*\p{Cc}]{0,256}\*?$/u)
  .min(1)
  .describe('a name, or the beginning of names followed by *, such as hr:*');

/** Limits the issuer's scopes and roles; an omitted list permits none. */
export const ceiling = z
  .strictObject({
    scopes: z.array(pattern).max(500).default([]),
    roles: z.array(pattern).max(500).default([]),
  })
  .describe('the scopes and roles that this issuer may grant, as lists');

export const issuerSchema = z
  .strictObject({
    issuer: word,
    audience: z
      .union([word, z.array(word).min(1).max(50)])
      .describe('the audience of the tokens: text, or a list of texts'),
    jwks,
    algorithms: z.array(algorithm).min(1).max(algorithms.length),
    scopes: word.default('scope'),
    roles: word.default('roles'),
    client: word.default('azp'),
    leeway,
    may: ceiling.optional(),
    privateNetwork,
  })
  .superRefine((value, context) => {
    if (isUrl(value.jwks)) checkReach(value, { key: 'jwks', url: value.jwks }, context);
    else if (value.privateNetwork !== undefined) {
      const message = 'a file needs no network';
      complain(context, { code: 'conflict', message, path: ['privateNetwork'], part: 'key' });
    }
  });
