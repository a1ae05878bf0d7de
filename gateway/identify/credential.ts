/**
 * Finds the one credential of a request: nothing, one bearer token, or a refusal. First part of
 * identify; fails closed, for a header that is there but unreadable is never "anonymous".
 */
import { Refusal } from '../decision.ts';

/** Headers as they came: name, value, name, value. Parsed headers hide that one came twice. */
export interface InboundHeaders {
  readonly raw: readonly string[];
}

/** Longest token that is looked at, in bytes. */
export const tokenBytesMax = 8192;

const scheme = 'bearer';
const compactJws = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** The bearer token (RFC 6750, 2.1), undefined where no Authorization header came, or a refusal. */
export function readCredential(headers: InboundHeaders): string | undefined | Refusal {
  const value = authorization(headers.raw);
  return typeof value === 'string' ? toToken(value) : value;
}

function authorization(raw: readonly string[]): string | undefined | Refusal {
  let found: string | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index] ?? '';
    if (name.length !== 13 || name.toLowerCase() !== 'authorization') continue;
    // Two parties that read different ones of two credentials would disagree on who is calling.
    if (found !== undefined) return new Refusal('identify/two-credentials');
    found = raw[index + 1] ?? '';
  }
  return found;
}

function toToken(value: string): string | Refusal {
  if (value.length > scheme.length + 1 + tokenBytesMax) {
    return new Refusal('identify/token-too-large');
  }
  const end = value.indexOf(' ');
  const named = end < 0 ? value : value.slice(0, end);
  if (named.toLowerCase() !== scheme) return new Refusal('identify/scheme');
  const token = value.slice(named.length + 1);
  return compactJws.test(token) ? token : new Refusal('identify/token-malformed');
}
