/**
 * Finds the one credential of a request: none, a token, a key, or a refusal. First part of
 * identify; fails closed, because an unreadable header never means "anonymous".
 */
import { Refusal } from '../decision.ts';

/** The parts of a request that identify its sender. */
export interface InboundHeaders {
  /** Headers as received: name, value, name, value. Parsed headers hide that one was repeated. */
  readonly raw: readonly string[];
  /** The client's network, by which questions to a provider are shared out. */
  readonly network?: string | undefined;
  /** The HTTP method, which a DPoP proof names. */
  readonly method?: string | undefined;
  /** SHA-256 of the client's TLS certificate, base64url, if our listener verified one. */
  readonly certificate?: string | undefined;
}

export interface TokenCredential {
  readonly scheme: 'bearer' | 'dpop';
  readonly token: string;
  /** The DPoP header as received. */
  readonly proof: string | undefined;
}

export type Credential = TokenCredential | { readonly scheme: 'key'; readonly key: string };

/** Longest accepted token, in bytes. */
export const tokenBytesMax = 8192;

/** RFC 6750, 2.1; JSON Web Tokens match too. */
const tokenForm = /^[A-Za-z0-9\-._~+/]+=*$/;

/** The credential, if any. `keyHeader`: lower-case name of the header for API keys. */
export function readCredential(
  raw: readonly string[],
  keyHeader?: string,
): Credential | undefined | Refusal {
  let authorization: string | undefined;
  let proof: string | undefined;
  let key: string | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    const kind = kindOf(raw[index] ?? '', keyHeader);
    if (kind === undefined) continue;
    const earlier = kind === 'proof' ? proof : (authorization ?? key);
    // Two parties that read different credentials would disagree on who is calling.
    if (earlier !== undefined) return new Refusal('identify/two-credentials');
    const value = raw[index + 1] ?? '';
    if (kind === 'authorization') authorization = value;
    else if (kind === 'key') key = value;
    else proof = value;
  }
  if (key !== undefined) return { scheme: 'key', key };
  return authorization === undefined ? undefined : toToken(authorization, proof);
}

/** Compares lengths first: this runs for every header of every request. */
function kindOf(
  name: string,
  keyHeader: string | undefined,
): 'authorization' | 'proof' | 'key' | undefined {
  const { length } = name;
  if (length === 13 && name.toLowerCase() === 'authorization') return 'authorization';
  if (length === 4 && name.toLowerCase() === 'dpop') return 'proof';
  return length === keyHeader?.length && name.toLowerCase() === keyHeader ? 'key' : undefined;
}

function toToken(value: string, proof: string | undefined): TokenCredential | Refusal {
  const end = value.indexOf(' ');
  const named = end < 0 ? value : value.slice(0, end);
  if (named.length > 6 || value.length > named.length + 1 + tokenBytesMax) {
    return new Refusal(named.length > 6 ? 'identify/scheme' : 'identify/token-too-large');
  }
  const scheme = named.toLowerCase();
  if (scheme !== 'bearer' && scheme !== 'dpop') return new Refusal('identify/scheme');
  const token = value.slice(named.length + 1);
  return tokenForm.test(token) ? { scheme, token, proof } : new Refusal('identify/token-malformed');
}
