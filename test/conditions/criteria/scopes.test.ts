/** `scopes`: all of them, compared as they are. */
import { expect, test } from 'vitest';
import { scopes } from '../../../gateway/conditions/criteria/scopes.ts';
import { anonymous, withScopes } from '../../authorize/policy-rig.ts';

const cases = [
  { name: 'the one', given: ['a'], caller: withScopes('a', 'b'), expect: true },
  { name: 'all', given: ['a', 'b'], caller: withScopes('b', 'a'), expect: true },
  { name: 'one of two', given: ['a', 'b'], caller: withScopes('a'), expect: false },
  { name: 'another', given: ['a'], caller: withScopes('b'), expect: false },
  { name: 'in other letters', given: ['a'], caller: withScopes('A'), expect: false },
  {
    name: 'a star in the token is no wildcard',
    given: ['hr:a'],
    caller: withScopes('hr:*', '*'),
    expect: false,
  },
  {
    name: 'a star in the rule is no wildcard',
    given: ['hr:*'],
    caller: withScopes('hr:a'),
    expect: false,
  },
  { name: 'a part', given: ['hr:read'], caller: withScopes('hr', 'hr:read:all'), expect: false },
  { name: 'none held', given: ['a'], caller: anonymous, expect: false },
  { name: 'none wanted', given: [], caller: withScopes('a'), expect: false },
];

test.each(cases)('$name', ({ given, caller, expect: holds }) => {
  expect(scopes(given)(caller)).toBe(holds);
});
