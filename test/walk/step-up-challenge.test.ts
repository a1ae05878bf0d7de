/** The challenge of who is to sign in anew (RFC 9470), by the scheme of their token. */
import { expect, test } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { challengeStepUp } from '../../gateway/walk/step-up-challenge.ts';
import { callerWith } from '../authorize/policy-rig.ts';

const description =
  'error="insufficient_user_authentication", error_description="Stronger or more recent authentication is required"';
const of = (acr: string[] | undefined, maxAgeS: number | undefined) =>
  new Refusal('authorize/step-up', {
    coordinates: ['T.a'],
    denials: [{ coordinate: 'T.a', classes: [], rule: 'a', scopes: [] }],
    stepUp: { acr, maxAgeS },
  });

const cases = [
  {
    name: 'both',
    refusal: of(['urn:mace:incommon:iap:silver', 'mfa'], 300),
    claims: {},
    expect: `Bearer ${description}, acr_values="urn:mace:incommon:iap:silver mfa", max_age="300"`,
  },
  {
    name: 'how strong',
    refusal: of(['mfa'], undefined),
    claims: {},
    expect: `Bearer ${description}, acr_values="mfa"`,
  },
  {
    name: 'how recent, by a certificate',
    refusal: of(undefined, 1),
    claims: { cnf: { 'x5t#S256': 'x' } },
    expect: `Bearer ${description}, max_age="1"`,
  },
  {
    name: 'by a key',
    refusal: of(undefined, 1),
    claims: { cnf: { jkt: 'x' } },
    expect: expect.stringMatching(
      /^DPoP error="insufficient_user_authentication", .*, max_age="1", algs="[A-Z0-9a-z ]*ES256[A-Z0-9a-z ]*"$/,
    ),
  },
];

test.each(cases)('$name', ({ refusal, claims, expect: challenge }) => {
  const found = challengeStepUp(refusal, callerWith({ claims }));
  expect(found).toEqual({ ...refusal, challenge: found.challenge });
  expect(found.challenge).toEqual(challenge);
});

test('every other refusal stays as it is', () => {
  const refusal = new Refusal('authorize/denied', { coordinates: ['T.a'] });
  expect(challengeStepUp(refusal, callerWith())).toBe(refusal);
});
