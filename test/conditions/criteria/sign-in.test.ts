/** `auth`: of whom it holds besides how strong and how recent the sign-in is, which the attacks try. */
import { expect, test } from 'vitest';
import { signedIn } from '../../../gateway/conditions/criteria/sign-in.ts';
import type { Caller } from '../../../gateway/request.ts';
import { anonymous, callerWith } from '../../authorize/policy-rig.ts';

const nowMs = Date.UTC(2026, 2, 2, 12);
const claims = { acr: 'mfa', auth_time: nowMs / 1_000 - 60 };
const strong = { acr: ['mfa'], maxAgeS: undefined };
const recent = { acr: undefined, maxAgeS: 60 };

const cases: {
  name: string;
  given: { acr: string[] | undefined; maxAgeS: number | undefined };
  caller?: Partial<Caller>;
  at?: number;
  expect: boolean;
}[] = [
  { name: 'a token', given: { acr: ['phr', 'mfa'], maxAgeS: 60 }, expect: true },
  { name: 'to the second', given: recent, at: nowMs + 1, expect: false },
  { name: 'an API key with such claims', given: strong, caller: { kind: 'key' }, expect: false },
  { name: 'an API key, by time', given: recent, caller: { kind: 'key' }, expect: false },
  { name: 'nobody known', given: strong, caller: { kind: 'anonymous' }, expect: false },
  { name: 'no time is known: how recent', given: recent, at: Number.NaN, expect: false },
  { name: 'no time is known: how strong', given: strong, at: Number.NaN, expect: true },
  {
    name: 'a clock that is not allowed to differ',
    given: recent,
    at: nowMs - 61_000,
    expect: false,
  },
  {
    name: 'a clock that is as far ahead as it may be',
    given: recent,
    caller: { clockSkewMs: 1_000 },
    at: nowMs - 61_000,
    expect: true,
  },
  {
    name: 'a clock that is further ahead',
    given: recent,
    caller: { clockSkewMs: 1_000 },
    at: nowMs - 61_001,
    expect: false,
  },
  {
    name: 'an old sign-in has no leeway',
    given: recent,
    caller: { clockSkewMs: 60_000 },
    at: nowMs + 1,
    expect: false,
  },
];

test.each(cases)('$name', ({ given, caller = {}, at = nowMs, expect: holds }) => {
  expect(signedIn(given)(callerWith({ claims, ...caller }), { nowMs: at })).toBe(holds);
});

test('a stranger without claims', () => {
  expect(signedIn(strong)(anonymous, { nowMs })).toBe(false);
});
