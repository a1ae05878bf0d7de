/** `authenticated`: a verified credential, whatever it carries. */
import { expect, test } from 'vitest';
import { authenticated } from '../../../gateway/conditions/criteria/authenticated.ts';
import { anonymous, callerWith } from '../../authorize/policy-rig.ts';

const cases = [
  { name: 'the anonymous caller', given: anonymous, expect: false },
  { name: 'a caller with nothing', given: callerWith(), expect: true },
  { name: 'a caller without a subject', given: callerWith({ subject: undefined }), expect: true },
  {
    name: 'an anonymous caller with scopes is anonymous still',
    given: { ...anonymous, scopes: new Set(['a']) },
    expect: false,
  },
];

test.each(cases)('$name', ({ given, expect: holds }) => {
  expect(authenticated(given)).toBe(holds);
});
