/**
 * The challenge sent with a refusal (RFC 9110, 11.6.1): the configured schemes, and `invalid_token`
 * if a credential was presented (RFC 6750, 3.1; RFC 9449, 7.1). It never tells what was wrong.
 */
import { Refusal } from '../decision.ts';
import { publicFaces } from '../errors.ts';
import type { Caller } from '../request.ts';
import { asymmetric } from './jwt-config.ts';

interface Offered {
  readonly jwt?: readonly unknown[] | undefined;
  readonly introspection?: readonly unknown[] | undefined;
  readonly apiKeys?: { readonly header: string } | undefined;
  readonly dpop?: object | undefined;
}

/** Adds the challenge to refusals with status 401; returns every other outcome unchanged. */
export function createChallenge(offered: Offered): (outcome: Caller | Refusal) => Caller | Refusal {
  const hasTokens = (offered.jwt?.length ?? 0) + (offered.introspection?.length ?? 0) > 0;
  const hasKeys = offered.apiKeys !== undefined;
  const toText = (error: string): string =>
    [
      ...(hasTokens || !hasKeys ? [`Bearer${error}`] : []),
      ...(offered.dpop === undefined
        ? []
        : [`DPoP${error === '' ? '' : `${error},`} algs="${[...asymmetric].join(' ')}"`]),
      ...(hasKeys ? [`ApiKey header="${offered.apiKeys?.header}"`] : []),
    ].join(', ');
  const missing = toText('');
  const invalid = toText(' error="invalid_token"');
  return (outcome) => {
    if (!(outcome instanceof Refusal) || publicFaces[outcome.reason].status !== 401) return outcome;
    const { reason } = outcome;
    const wasPresented = reason !== 'identify/missing' && reason !== 'identify/scheme';
    return new Refusal(reason, { challenge: wasPresented ? invalid : missing });
  };
}
