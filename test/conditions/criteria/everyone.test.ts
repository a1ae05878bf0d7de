/** `everyone`: whoever is let in, the anonymous too. */
import { expect, test } from 'vitest';
import { everyone } from '../../../gateway/conditions/criteria/everyone.ts';
import { anonymous, callerWith } from '../../authorize/policy-rig.ts';

const cases = [
  { name: 'the anonymous caller', given: anonymous, expect: true },
  { name: 'a caller with nothing', given: callerWith(), expect: true },
];

test.each(cases)('$name', ({ given, expect: holds }) => {
  expect(everyone(given)).toBe(holds);
});
