/**
 * The challenge of a 401 that asks for a new sign-in (RFC 9470), in the scheme of the caller's
 * token.
 */
import { Refusal } from '../decision.ts';
import { asymmetric } from '../identify/jwt-config.ts';
import type { Caller } from '../request.ts';
import type { StepUp } from '../step-up.ts';

/** Adds the challenge if the refusal asks for a sign-in; any other is returned unchanged. */
export function challengeStepUp(refusal: Refusal, caller: Caller): Refusal {
  const { reason, stepUp, coordinates, denials } = refusal;
  if (stepUp === undefined) return refusal;
  const challenge = toStepUpChallenge(stepUp, isBoundToKey(caller) ? 'DPoP' : 'Bearer');
  return new Refusal(reason, { coordinates, denials, stepUp, challenge });
}

/**
 * Whether the token is DPoP-bound; its proof was verified, or the caller would have been refused.
 */
function isBoundToKey({ claims: { cnf } }: Caller): boolean {
  return typeof cnf === 'object' && cnf !== null && Object.hasOwn(cnf, 'jkt');
}

const description = 'Stronger or more recent authentication is required';

/** A value of WWW-Authenticate (RFC 9470, 3; RFC 9449, 7.1). Values of `acr` hold no quotes. */
function toStepUpChallenge({ acr, maxAgeS }: StepUp, scheme: 'Bearer' | 'DPoP'): string {
  return [
    `${scheme} error="insufficient_user_authentication"`,
    `error_description="${description}"`,
    ...(acr === undefined ? [] : [`acr_values="${acr.join(' ')}"`]),
    ...(maxAgeS === undefined ? [] : [`max_age="${maxAgeS}"`]),
    ...(scheme === 'DPoP' ? [`algs="${[...asymmetric].join(' ')}"`] : []),
  ].join(', ');
}
