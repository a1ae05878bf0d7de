/** `roles`: any of them, compared as they are. */
import { expect, test } from 'vitest';
import { roles } from '../../../gateway/conditions/criteria/roles.ts';
import { anonymous, callerWith, withScopes } from '../../authorize/policy-rig.ts';

const withRoles = (...names: string[]) => callerWith({ roles: new Set(names) });

const cases = [
  { name: 'the one', given: ['a'], caller: withRoles('b', 'a'), expect: true },
  { name: 'one of two', given: ['a', 'b'], caller: withRoles('b'), expect: true },
  { name: 'another', given: ['a', 'b'], caller: withRoles('c'), expect: false },
  { name: 'in other letters', given: ['a'], caller: withRoles('A'), expect: false },
  { name: 'a part', given: ['line manager'], caller: withRoles('line', 'manager'), expect: false },
  { name: 'a scope of that name', given: ['a'], caller: withScopes('a'), expect: false },
  { name: 'none held', given: ['a'], caller: anonymous, expect: false },
  { name: 'none wanted', given: [], caller: withRoles('a'), expect: false },
];

test.each(cases)('$name', ({ given, caller, expect: holds }) => {
  expect(roles(given)(caller)).toBe(holds);
});
