/** Which callers conditions tell apart: what goes together, what excludes the other, and how many there are. */
import { expect, test } from 'vitest';
import { callersMax, callersOf } from '../../gateway/cli/diff/diff-callers.ts';
import type { Condition } from '../../gateway/conditions/condition.ts';

const scopes = (...names: string[]): Condition => ({ kind: 'scopes', scopes: names });
const roles = (...names: string[]): Condition => ({ kind: 'roles', roles: names });
const clients = (...names: string[]): Condition => ({ kind: 'clients', clients: names });
const hours = (from: number, to: number, zone = 'UTC', days = [1]): Condition => ({
  kind: 'hours',
  hours: { days, fromMinute: 60 * from, toMinute: 60 * to, zone },
});
const auth = (acr: string[] | undefined, maxAgeS?: number): Condition => ({
  kind: 'auth',
  signIn: { acr, maxAgeS },
});
const authenticated: Condition = { kind: 'authenticated' };

const cases: readonly {
  name: string;
  given: readonly Condition[];
  strangers?: boolean;
  /** Which of the conditions hold, for each caller. */
  expect: readonly string[];
}[] = [
  { name: 'no conditions: everybody is alike', given: [], expect: ['authenticated:'] },
  {
    name: 'both scopes are each of them',
    given: [scopes('a', 'b'), scopes('a')],
    expect: ['authenticated:', 'scopes a: 1', 'scopes b:', 'scopes a and scopes b: 0 1'],
  },
  {
    name: 'scopes that are asked for together alone',
    given: [scopes('a', 'b')],
    expect: ['authenticated:', 'scopes a b: 0'],
  },
  {
    name: 'any role of several',
    given: [roles('a', 'b'), roles('b')],
    expect: ['authenticated:', 'roles a: 0', 'roles b: 0 1', 'roles a and roles b: 0 1'],
  },
  {
    name: 'one client',
    given: [clients('a'), clients('b', 'a'), clients('c')],
    expect: ['authenticated:', 'clients a: 0 1', 'clients b: 1', 'clients c: 2'],
  },
  {
    name: 'one country',
    given: [
      { kind: 'regions', regions: ['DE'] },
      { kind: 'regions', regions: ['FR'] },
    ],
    expect: ['authenticated:', 'regions DE: 0', 'regions FR: 1'],
  },
  {
    name: 'claims of any type',
    given: [
      { kind: 'claims', claim: 'n', values: [7] },
      { kind: 'claims', claim: 'n', values: ['7'] },
    ],
    expect: ['authenticated:', 'claims.n 7: 0', 'claims.n 7: 1', 'claims.n 7 and claims.n 7: 0 1'],
  },
  {
    name: 'one moment',
    given: [hours(8, 18), hours(9, 10), hours(20, 2)],
    expect: [
      'authenticated:',
      'hours of UTC (Mon 08:00): 0',
      'hours of UTC (Mon 20:00): 2',
      'hours of UTC (Mon 09:00): 0 1',
    ],
  },
  {
    name: 'clocks of two places',
    given: [hours(8, 18), hours(8, 18, 'Europe/Berlin')],
    expect: [
      'authenticated:',
      'hours of UTC (Mon 08:00): 0',
      'hours of Europe/Berlin (Mon 08:00): 1',
      'hours of UTC (Mon 08:00) and hours of Europe/Berlin (Mon 08:00): 0 1',
    ],
  },
  {
    name: 'one sign-in, of one strength',
    given: [auth(['mfa', 'phr']), auth(['mfa'])],
    expect: ['authenticated:', 'auth acr mfa: 0 1', 'auth acr phr: 0'],
  },
  {
    name: 'one sign-in, so long ago',
    given: [auth(undefined, 300), auth(undefined, 3_600)],
    expect: ['authenticated:', 'auth at most 1h ago: 1', 'auth at most 5m ago: 0 1'],
  },
  {
    name: 'a sign-in that is strong and recent',
    given: [auth(['mfa'], 300), auth(['mfa'])],
    expect: [
      'authenticated:',
      'auth acr mfa: 1',
      'auth at most 5m ago:',
      'auth acr mfa and auth at most 5m ago: 0 1',
    ],
  },
  {
    name: 'strangers have not signed in',
    strangers: true,
    given: [auth(['mfa'], 300)],
    expect: [
      'anonymous:',
      'authenticated:',
      'auth acr mfa:',
      'auth at most 5m ago:',
      'auth acr mfa and auth at most 5m ago: 0',
    ],
  },
  {
    name: 'strangers have nothing',
    strangers: true,
    given: [scopes('a'), authenticated],
    expect: ['anonymous:', 'authenticated: 1', 'scopes a: 0 1'],
  },
  {
    name: 'strangers come from somewhere',
    strangers: true,
    given: [{ kind: 'network', lists: ['office'] }, authenticated],
    expect: [
      'anonymous:',
      'authenticated: 1',
      'anonymous and network office: 0',
      'authenticated and network office: 0 1',
    ],
  },
];

test.each(cases)('$name', ({ given, strangers = false, expect: expected }) => {
  const callers = callersOf(given, strangers) ?? [];
  const lines = callers.map(({ words, holds }) => {
    const held = [...given.keys()].filter((index) => holds(given[index] as Condition));
    return [`${words.join(' and ')}:`, ...held].join(' ');
  });
  expect(lines).toEqual(expected);
});

test('a condition inside another is the same condition', () => {
  const whole: Condition = {
    kind: 'all',
    of: [scopes('a'), { kind: 'any', of: [scopes('b'), roles('c')] }],
  };
  const held = callersOf([whole, scopes('a')], false)?.filter(({ holds }) => holds(whole));
  expect(held?.map(({ words }) => words.join(' and '))).toEqual([
    'scopes a and scopes b',
    'scopes a and roles c',
    'scopes a and scopes b and roles c',
  ]);
});

test('a condition that they were not made for is a mistake', () => {
  const [first] = callersOf([scopes('a')], false) ?? [];
  expect(() => first?.holds(scopes('b'))).toThrow();
});

test('as many as twelve answers make, and not one more', () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => scopes(`s${index}`));
  expect(callersOf(many(12), false)).toHaveLength(callersMax);
  expect(callersOf(many(13), false)).toBeUndefined();
  expect(
    callersOf([scopes(...Array.from({ length: 900 }, (_, index) => `s${index}`))], false),
  ).toHaveLength(2);
});
