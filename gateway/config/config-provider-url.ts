/**
 * URLs at which identity providers are asked. They are fixed by the configuration; nothing that a
 * token says is ever asked. Private networks are reached only where the entry says so.
 */
import { z } from 'zod';
import { isLoopbackHost, mayConnect, toLiteral } from '../addresses/outbound-address.ts';
import { complain } from '../files/yaml-complaint.ts';

/** Whether a text names a URL; everything else is a file. */
export const isUrl = (text: string): boolean => /^[a-z][a-z0-9+.-]+:/i.test(text);

/** Keys by plain HTTP could be swapped on the way: only a loopback address may do that. */
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

/** Complains of a URL that is an address in a private network; names are judged when they resolve. */
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
