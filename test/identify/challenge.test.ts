/** What a refused caller is told to try, and that it is all they are told. */
import { describe, expect, test } from 'vitest';
import { Refusal, reasons } from '../../gateway/decision.ts';
import { publicFaces } from '../../gateway/errors.ts';
import { createChallenge } from '../../gateway/identify/challenge.ts';
import { toRefusalAnswer } from '../../gateway/shape/answer.ts';

const cases = [
  {
    name: 'tokens',
    offered: { jwt: [{}] },
    missing: 'Bearer',
    invalid: 'Bearer error="invalid_token"',
  },
  {
    name: 'opaque tokens',
    offered: { introspection: [{}] },
    missing: 'Bearer',
    invalid: 'Bearer error="invalid_token"',
  },
  {
    name: 'keys',
    offered: { jwt: [], apiKeys: { header: 'x-api-key' } },
    missing: 'ApiKey header="x-api-key"',
    invalid: 'ApiKey header="x-api-key"',
  },
  {
    name: 'tokens and keys',
    offered: { jwt: [{}], apiKeys: { header: 'x-api-key' } },
    missing: 'Bearer, ApiKey header="x-api-key"',
    invalid: 'Bearer error="invalid_token", ApiKey header="x-api-key"',
  },
  { name: 'nothing', offered: {}, missing: 'Bearer', invalid: 'Bearer error="invalid_token"' },
];

const challengeOf = (outcome: unknown): string | undefined => {
  if (!(outcome instanceof Refusal)) throw new Error('no refusal');
  return toRefusalAnswer(outcome, 'application/json', 'id').headers['www-authenticate'];
};

describe('a challenge', () => {
  test.each(cases)('for $name', ({ offered, missing, invalid }) => {
    const challenge = createChallenge(offered);
    expect(challengeOf(challenge(new Refusal('identify/missing')))).toBe(missing);
    expect(challengeOf(challenge(new Refusal('identify/token-expired')))).toBe(invalid);
  });

  test('names the algorithms of proofs', () => {
    const challenge = createChallenge({ jwt: [{}], dpop: {} });
    expect(challengeOf(challenge(new Refusal('identify/missing')))).toMatch(
      /^Bearer, DPoP algs="RS256 [\w ]+"$/,
    );
    expect(challengeOf(challenge(new Refusal('identify/proof')))).toMatch(
      /^Bearer error="invalid_token", DPoP error="invalid_token", algs="RS256 [\w ]+"$/,
    );
  });

  test('is the same whatever was wrong, and so is the answer', () => {
    const challenge = createChallenge({ jwt: [{}] });
    const presented = reasons.filter(
      (reason) =>
        reason.startsWith('identify/') &&
        publicFaces[reason].status === 401 &&
        !['identify/missing', 'identify/scheme'].includes(reason),
    );
    const answers = presented.map((reason) => {
      const outcome = challenge(new Refusal(reason));
      if (!(outcome instanceof Refusal)) throw new Error('no refusal');
      return JSON.stringify(toRefusalAnswer(outcome, 'application/json', 'id'));
    });
    expect(presented.length).toBeGreaterThan(10);
    expect(new Set(answers).size).toBe(1);
  });

  test('comes with a 401 alone', () => {
    const challenge = createChallenge({ jwt: [{}] });
    for (const reason of ['identify/two-credentials', 'identify/keys-unavailable'] as const) {
      expect(challengeOf(challenge(new Refusal(reason)))).toBeUndefined();
    }
  });
});
