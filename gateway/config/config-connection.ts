/**
 * The part of gateway.yaml about the connection to one upstream: retries, certificates, the
 * gateway's own credentials, and whether a public name may lead into a private network.
 */
import { z } from 'zod';
import { isLoopbackHost } from '../addresses/outbound-address.ts';
import { complain } from '../files/yaml-complaint.ts';
import { filePath } from './config-listen.ts';

const attemptsMax = 4;
/** Above this share, retries would noticeably add to the load of an upstream in trouble. */
const budgetMax = 0.5;

const retries = z.strictObject({
  attempts: z
    .int()
    .min(0)
    .max(attemptsMax)
    .describe(`a whole number of further attempts, 0 to ${attemptsMax}`)
    .default(1),
  budget: z
    .number()
    .min(0)
    .max(budgetMax)
    .describe(`the share of calls that may be retries, 0 to ${budgetMax}`)
    .default(0.1),
});

const mtls = z.strictObject({ cert: filePath, key: filePath });

/** The client secret is sent to this URL: RFC 6749, 3.2 requires TLS. */
const tokenUrl = z
  .string()
  .superRefine((text, context) => {
    const url = URL.parse(text);
    const isSafe =
      url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
    if (isSafe && !/[?#@\\\s]/.test(text)) return;
    const message =
      'must be an https URL (http on a loopback address) without credentials, query and fragment';
    complain(context, { code: 'unsafe-url', message });
  })
  .describe('an https URL without credentials, query and fragment');

const word = z
  .string()
  .regex(/^[\x21-\x7e]{1,2048}$/)
  .describe('text of 1 to 2048 ASCII characters without blanks');

/** RFC 6749, 3.3: names separated by one space. */
const scope = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/)
  .describe('scopes with one blank between them');

const oauth = z.strictObject({
  tokenUrl,
  clientId: word,
  clientSecret: word,
  scope: scope.optional(),
  audience: word.optional(),
});

/** Keys of one upstream, whatever its kind. */
export const connectionKeys = {
  retries: retries.prefault({}),
  ca: filePath.optional(),
  mtls: mtls.optional(),
  oauth: oauth.optional(),
  privateNetwork: z.boolean().default(false),
};

/** Reports conflicts of these keys with the rest of the upstream. Runs on partly valid values. */
export function checkConnection(value: object, context: { issues: z.core.$ZodRawIssue[] }): void {
  const { url, ca, mtls, oauth, headers } = value as Readonly<Record<string, unknown>>;
  const isPlain = typeof url === 'string' && /^http:/i.test(url);
  for (const [key, given] of Object.entries({ ca, mtls })) {
    if (given === undefined || !isPlain) continue;
    const message = `"${key}" needs an https URL: over plain http no certificate is shown`;
    complain(context, { code: 'conflict', message, path: [key], part: 'key' });
  }
  if (oauth === undefined || typeof headers !== 'object' || headers === null) return;
  const written = Object.keys(headers).find((name) => name.toLowerCase() === 'authorization');
  if (written === undefined) return;
  const message = 'the token of "oauth" is sent in this header: keep one of the two';
  complain(context, { code: 'conflict', message, path: ['headers', written], part: 'key' });
}
