/**
 * Checks URLs of identity providers. They come from the configuration only, never from a token.
 * Private networks are reached only if the entry permits it.
 */
import { z } from 'zod';
import { isLoopbackHost, mayConnect, toLiteral } from '../addresses/outbound-address.ts';
import { complain } from '../files/yaml-complaint.ts';

/** Whether a text is a URL; otherwise it is a file path. */
export const isUrl = (text: string): boolean => /^[a-z][a-z0-9+.-]+:/i.test(text);

/** Over plain HTTP keys could be replaced in transit, so http is limited to loopback. */
export function isSafeProviderUrl(text: string): boolean {
  const url = URL.parse(text);
  const isSafe =
    url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(url.hostname));
  return isSafe && url.username === '' && url.password === '' && url.hash === '';
}

const wanted = 'an https URL (http on a loopback address) without credentials';

export const providerUrl = z
  .string()
  .superRefine((text, context) => {
    if (isSafeProviderUrl(text)) return;
    complain(context, { code: 'unsafe-url', message: `must be ${wanted}` });
  })
  .describe(wanted);

export const privateNetwork = z.boolean().optional();

/** Refuses a URL whose host is a private address; host names are checked when they resolve. */
export function checkReach(
  value: { readonly privateNetwork?: boolean | undefined },
  about: { readonly key: string; readonly url: string },
  context: { issues: z.core.$ZodRawIssue[] },
): void {
  const hostname = URL.parse(about.url)?.hostname ?? '';
  const literal = toLiteral(hostname);
  const rule = { hostname, privateNetwork: value.privateNetwork === true };
  if (literal === undefined || mayConnect(literal.text, rule)) return;
  const hint = mayConnect(literal.text, { ...rule, privateNetwork: true })
    ? 'is in a private network: `privateNetwork: true` beside it permits that'
    : 'is an address that is never asked';
  complain(context, { code: 'unsafe-url', message: hint, path: [about.key] });
}
