/** In which ways a new sign-in alone would meet a condition. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Condition } from '../../gateway/conditions/condition.ts';
import { compileCriterion } from '../../gateway/conditions/criterion.ts';
import { compileStepUps } from '../../gateway/conditions/step-up.ts';
import { anonymous, callerWith } from '../authorize/policy-rig.ts';

const scope = (name: string): Condition => ({ kind: 'scopes', scopes: [name] });
const any = (...of: Condition[]): Condition => ({ kind: 'any', of });
const all = (...of: Condition[]): Condition => ({ kind: 'all', of });
const auth = (acr?: string[], maxAgeS?: number): Condition => ({
  kind: 'auth',
  signIn: { acr, maxAgeS },
});
const caller = callerWith({ scopes: new Set(['a']), claims: { acr: 'pwd' } });

/** `mfa phr 60`; `-` where nothing is needed. */
const said = (condition: Condition, by = caller): string[] | undefined =>
  compileStepUps(condition)?.(by, undefined).map(
    ({ acr = [], maxAgeS }) =>
      [...acr, ...(maxAgeS === undefined ? [] : [maxAgeS])].join(' ') || '-',
  );

const cases: { name: string; given: Condition; expect: string[] | undefined }[] = [
  { name: 'none where no sign-in is asked for', given: all(scope('a')), expect: undefined },
  { name: 'itself', given: auth(['mfa', 'phr'], 60), expect: ['mfa phr 60'] },
  { name: 'beside what holds', given: all(scope('a'), auth(['mfa'])), expect: ['mfa'] },
  { name: 'none beside what does not hold', given: all(scope('b'), auth(['mfa'])), expect: [] },
  { name: 'no need', given: any(scope('a'), auth(['mfa'])), expect: ['-'] },
  { name: 'any', given: any(scope('b'), auth(['mfa']), auth(undefined, 9)), expect: ['mfa', '9'] },
  {
    name: 'both',
    given: all(auth(['mfa', 'phr'], 60), auth(['phr', 'x'], 30)),
    expect: ['phr 30'],
  },
  {
    name: 'both, of one kind each',
    given: all(auth(['mfa']), auth(undefined, 30)),
    expect: ['mfa 30'],
  },
  { name: 'none that meets both', given: all(auth(['mfa']), auth(['phr'])), expect: [] },
  {
    name: 'another way where one meets not both',
    given: all(any(auth(['mfa']), auth(['phr'], 9)), auth(['phr'])),
    expect: ['phr 9'],
  },
  { name: 'each once', given: any(auth(['mfa']), all(scope('a'), auth(['mfa']))), expect: ['mfa'] },
  {
    name: 'a bounded number',
    given: any(...Array.from({ length: 40 }, (_, index) => auth([`v${index}`]))),
    expect: Array.from({ length: 16 }, (_, index) => `v${index}`),
  },
  { name: 'nothing of nothing', given: all(auth(['mfa']), all()), expect: [] },
];

test.each(cases)('$name', ({ given, expect: ways }) => {
  expect(said(given)).toEqual(ways);
});

test('none for who has no token', () => {
  expect(said(auth(['mfa']), anonymous)).toEqual([]);
  expect(said(auth(['mfa']), callerWith({ kind: 'key' }))).toEqual([]);
});

test('whoever signs in as a way says meets the condition, and without a way nobody does', () => {
  const leaf = fc.oneof(
    fc.constantFrom(scope('a'), scope('b')),
    fc
      .tuple(fc.subarray(['x', 'y', 'z'], { minLength: 1 }), fc.constantFrom(undefined, 10, 20))
      .map(([acr, age]) => auth(acr, age)),
    fc.constantFrom(auth(undefined, 10), auth(undefined, 20)),
  );
  const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
    condition: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc
        .tuple(
          fc.constantFrom('any', 'all'),
          fc.array(tie('condition'), { minLength: 1, maxLength: 3 }),
        )
        .map(([kind, of]) => ({ kind, of }) as Condition),
    ),
  }));
  const nowMs = 1_000_000_000;
  const signIn = (acr: string, ageS: number) =>
    callerWith({ scopes: new Set(['a']), claims: { acr, auth_time: nowMs / 1_000 - ageS } });
  fc.assert(
    fc.property(condition, (given) => {
      const situation = { country: undefined, networks: [], nowMs };
      const holds = compileCriterion(given);
      const ways = compileStepUps(given)?.(caller, situation);
      for (const { acr, maxAgeS } of ways ?? []) {
        expect(holds(signIn(acr?.[0] ?? 'other', maxAgeS ?? 1_000), situation)).toBe(true);
      }
      if (ways?.length !== 0) return;
      for (const acr of ['x', 'y', 'z']) expect(holds(signIn(acr, 0), situation)).toBe(false);
    }),
  );
});
