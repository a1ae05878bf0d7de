/** Schema of the files in policies/network. */
import { z } from 'zod';
import { parseNetwork } from '../addresses/ip-network.ts';
import { isCountryCode } from '../addresses/region-code.ts';
import { shadowSchema } from '../shadow.ts';
import { parseDuration } from '../time/duration.ts';

const listsMax = 100;
const countriesMax = 300;

/** A text with a condition, described alike in the error message and in the JSON Schema. */
const textThat = (isRight: (text: string) => boolean, wanted: string) =>
  z
    .string()
    .superRefine((text, context) => {
      if (isRight(text)) return;
      const params = { code: 'wrong-format', message: `must be ${wanted}` };
      context.addIssue({ code: 'custom', params });
    })
    .describe(wanted);

const duration = textThat((text) => {
  const ms = parseDuration(text);
  return ms !== undefined && ms >= 1_000 && ms <= 86_400_000;
}, 'a duration from 1s to 1d, like 5m');
const network = textThat(
  (text) => parseNetwork(text) !== undefined,
  'an address or a network, like 10.0.0.0/8',
);
const count = z.int().min(1).max(64);
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,63}$/)
  .describe('a name: lower case letters, digits, - and _');
const country = textThat(
  isCountryCode,
  'an ISO 3166-1 code of two capital letters, like DE (Great Britain is GB)',
);
const file = z.string().min(1).max(4_096).describe('the path of a file');
const someNames = z.array(name).min(1).max(listsMax).describe('at least one list');

const countries = z.array(country).min(1).max(countriesMax).describe('at least one country');

const regions = z.strictObject({
  database: file.describe('`embedded`, or the path of an .mmdb file'),
  reload: duration.optional(),
  deny: z
    .array(
      z
        .union([country, z.strictObject({ country, shadow: shadowSchema })])
        .describe('an ISO 3166-1 code of two capital letters, or { country, shadow }'),
    )
    .max(countriesMax)
    .optional(),
  allow: z
    .union([countries, z.strictObject({ countries, shadow: shadowSchema })])
    .describe('a list of at least one country, or { countries, shadow }')
    .optional(),
});

export const networkSchema = z.strictObject({
  version: z.literal(1),
  trustedProxies: z
    .union([count, z.array(network).max(1_000)])
    .describe('a list of networks, or the number of proxies from 1 to 64')
    .optional(),
  header: z.enum(['x-forwarded-for', 'forwarded']).optional(),
  lists: z.record(name, z.strictObject({ file, reload: duration.optional() })).optional(),
  deny: z
    .array(
      z
        .union([name, z.strictObject({ list: name, shadow: shadowSchema })])
        .describe('the name of a list, or { list, shadow }'),
    )
    .max(listsMax)
    .optional(),
  allow: z
    .union([someNames, z.strictObject({ lists: someNames, shadow: shadowSchema })])
    .describe('a list of at least one name, or { lists, shadow }')
    .optional(),
  regions: regions.optional(),
});
