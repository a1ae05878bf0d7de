/**
 * The part of gateway.yaml about who is calling. Nothing here has a default that lets anybody in:
 * without an issuer, `anonymous: allow` must be written out.
 */
import { z } from 'zod';
import { filePath } from './config-listen.ts';
import { durationPattern, parseDuration } from './duration.ts';
import { didYouMean } from './nearest.ts';
import { complain, laterKeys } from './yaml-complaint.ts';

export const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;
export type Algorithm = (typeof algorithms)[number];

const isAlgorithm = (text: string): text is Algorithm =>
  (algorithms as readonly string[]).includes(text);

/** With a shared secret whoever checks tokens can make them; `none` is no signature at all. */
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

const word = z
  .string()
  .regex(/^[^\p{Cc}]{1,512}$/u)
  .describe('text of 1 to 512 characters');

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether `jwks` names a URL; everything else is a file. */
export const isUrl = (text: string): boolean => /^[a-z][a-z0-9+.-]+:/i.test(text);

/** Keys by plain HTTP could be swapped on the way: only a loopback address may do that. */
const jwks = filePath.superRefine((text, context) => {
  if (!isUrl(text)) return;
  const url = URL.parse(text);
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.test(url.hostname));
  if (isSafe && url.username === '' && url.password === '' && url.hash === '') return;
  const message =
    'must be a file, or an https URL (http on a loopback address) without credentials';
  complain(context, { code: 'unsafe-url', message });
});

const leewayMaxMs = 60_000;

const leeway = z
  .string()
  .regex(durationPattern)
  .describe('a duration such as 5s, at most 60s')
  .refine((text) => (parseDuration(text) ?? 0) <= leewayMaxMs, {
    params: { code: 'out-of-range', message: 'must be at most 60s' },
  })
  .default('5s')
  .transform((text) => parseDuration(text) ?? 0);

const issuer = z
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
  })
  .register(laterKeys, { may: '' });

const issuers = z
  .array(issuer)
  .min(1)
  .superRefine(
    (list, context) => {
      if (list.length < 2) return;
      const message = 'one issuer is supported in this version';
      complain(context, { code: 'not-supported', message, path: [1] });
    },
    { when: ({ value }) => Array.isArray(value) },
  );

export const identitySchema = z
  .strictObject({
    jwt: issuers.optional(),
    anonymous: z.enum(['refuse', 'allow']).default('refuse'),
  })
  .superRefine((value, context) => {
    if (value.jwt !== undefined || value.anonymous !== 'refuse') return;
    const message = '"jwt" is required, unless `anonymous: allow` lets everybody in';
    complain(context, { code: 'missing-key', message, path: ['jwt'], part: 'key' });
  })
  .register(laterKeys, { apiKeys: '', revoked: '' });
