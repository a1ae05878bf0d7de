/** The 401 of a caller who is to sign in anew: the challenge in the scheme that their token came by. */
import { Refusal } from '../decision.ts';
import { asymmetric } from '../identify/jwt-config.ts';
import type { Caller } from '../request.ts';
import type { StepUp } from '../step-up.ts';

/** Adds the challenge where a refusal asks for a sign-in; leaves every other as it is. */
export function challengeStepUp(refusal: Refusal, caller: Caller): Refusal {
  const { reason, stepUp, coordinates, denials } = refusal;
  if (stepUp === undefined) return refusal;
  const challenge = toStepUpChallenge(stepUp, isBoundToKey(caller) ? 'DPoP' : 'Bearer');
  return new Refusal(reason, { coordinates, denials, stepUp, challenge });
}

/** Such a token has been proven, or it would have been refused; others come as bearers alone. */
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
