/** Conditions as predicates: how parts join, and which conditions nobody who is let in can fail. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Condition, isSituational, partsOf } from '../../gateway/conditions/condition.ts';
import { compileCriterion, holdsForAll } from '../../gateway/conditions/criterion.ts';
import { anonymous, callerWith } from '../authorize/policy-rig.ts';

const scope = (name: string): Condition => ({ kind: 'scopes', scopes: [name] });
const any = (...of: Condition[]): Condition => ({ kind: 'any', of });
const all = (...of: Condition[]): Condition => ({ kind: 'all', of });
const everyone: Condition = { kind: 'everyone' };
const authenticated: Condition = { kind: 'authenticated' };
const role: Condition = { kind: 'roles', roles: ['r'] };
const claim: Condition = { kind: 'claims', claim: 'd', values: ['hr'] };

const hours: Extract<Condition, { kind: 'hours' }> = {
  kind: 'hours',
  hours: { days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 0, toMinute: 1_440, zone: 'UTC' },
};
const network: Condition = { kind: 'network', lists: ['office'] };
const region: Condition = { kind: 'regions', regions: ['DE'] };

const caller = callerWith({
  scopes: new Set(['a', 'b']),
  roles: new Set(['r']),
  claims: { d: 'hr' },
});

const cases: { name: string; given: Condition; expect: boolean }[] = [
  { name: 'each kind: everyone', given: everyone, expect: true },
  { name: 'each kind: authenticated', given: authenticated, expect: true },
  { name: 'each kind: scopes', given: scope('c'), expect: false },
  { name: 'each kind: roles', given: role, expect: true },
  { name: 'each kind: claims', given: claim, expect: true },
  { name: 'any: the last', given: any(scope('c'), scope('a')), expect: true },
  { name: 'any: none', given: any(scope('c'), scope('d')), expect: false },
  { name: 'any of nothing', given: any(), expect: false },
  { name: 'all: each', given: all(scope('a'), role, claim), expect: true },
  { name: 'all: but one', given: all(scope('a'), scope('c'), role), expect: false },
  { name: 'all of nothing', given: all(), expect: false },
  { name: 'all in any', given: any(scope('c'), all(scope('a'), scope('b'))), expect: true },
  { name: 'any in all', given: all(everyone, any(scope('c'), scope('d'))), expect: false },
  { name: 'an hour that nobody knows', given: hours, expect: false },
  { name: 'beside an hour that nobody knows', given: any(hours, scope('a')), expect: true },
  { name: 'a network that nobody knows', given: network, expect: false },
  { name: 'a country that nobody knows', given: region, expect: false },
];

test.each(cases)('$name', ({ given, expect: holds }) => {
  expect(compileCriterion(given)(caller)).toBe(holds);
});

const here = { country: 'DE', networks: ['office', 'vpn'], nowMs: Date.UTC(2026, 2, 2, 12) };
const situated: { name: string; given: Condition; expect: boolean }[] = [
  { name: 'a network that the address is on', given: network, expect: true },
  {
    name: 'one network of several',
    given: { kind: 'network', lists: ['home', 'vpn'] },
    expect: true,
  },
  { name: 'another network', given: { kind: 'network', lists: ['home'] }, expect: false },
  { name: 'the country', given: region, expect: true },
  {
    name: 'one country of several',
    given: { kind: 'regions', regions: ['FR', 'DE'] },
    expect: true,
  },
  { name: 'another country', given: { kind: 'regions', regions: ['FR'] }, expect: false },
  { name: 'an hour of all', given: hours, expect: true },
  {
    name: 'an hour that is over',
    given: { ...hours, hours: { ...hours.hours, toMinute: 720 } },
    expect: false,
  },
  { name: 'place and caller', given: all(region, scope('a')), expect: true },
  { name: 'place, and another caller', given: all(region, scope('c')), expect: false },
  { name: 'another place or the caller', given: any(all(network, scope('c')), role), expect: true },
];

test.each(situated)('where and when are known: $name', ({ given, expect: holds }) => {
  expect(compileCriterion(given)(caller, here)).toBe(holds);
});

test.each([
  { client: 'app', expect: true },
  { client: 'other', expect: false },
  { client: undefined, expect: false },
])('a client: $client', ({ client, expect: holds }) => {
  const given: Condition = { kind: 'clients', clients: ['tool', 'app'] };
  expect(compileCriterion(given)(callerWith({ client }))).toBe(holds);
});

test.each([
  { name: 'what only the caller decides', given: all(scope('a'), any(role, claim)), expect: false },
  { name: 'a network', given: network, expect: true },
  { name: 'a country', given: region, expect: true },
  { name: 'an hour', given: hours, expect: true },
  { name: 'an hour in any', given: any(scope('a'), hours), expect: true },
  { name: 'a network deep in all', given: all(role, any(claim, all(network))), expect: true },
])('whether it hangs on where or when: $name', ({ given, expect: situational }) => {
  expect(isSituational(given)).toBe(situational);
});

test('the simple conditions inside one, in order', () => {
  expect([...partsOf(all(role, any(claim, all(network, hours)), everyone))]).toEqual([
    role,
    claim,
    network,
    hours,
    everyone,
  ]);
});

const certain: { name: string; given: Condition; expect: [allowed: boolean, refused: boolean] }[] =
  [
    { name: 'everyone', given: everyone, expect: [true, true] },
    { name: 'authenticated', given: authenticated, expect: [false, true] },
    { name: 'scopes', given: scope('a'), expect: [false, false] },
    { name: 'roles', given: role, expect: [false, false] },
    { name: 'claims', given: claim, expect: [false, false] },
    { name: 'any with a certain part', given: any(scope('a'), everyone), expect: [true, true] },
    { name: 'any without one', given: any(scope('a'), authenticated), expect: [false, true] },
    { name: 'all certain', given: all(everyone, authenticated), expect: [false, true] },
    { name: 'all but one certain', given: all(everyone, scope('a')), expect: [false, false] },
  ];

test.each(certain)('nobody fails $name: anonymous let in, or not', ({ given, expect: holds }) => {
  expect([holdsForAll(given, true), holdsForAll(given, false)]).toEqual(holds);
});

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(everyone, authenticated, scope('a'), role, claim),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((of) => any(...of)),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((of) => all(...of)),
  ),
}));

test('what holds for all holds for the caller who has least', () => {
  fc.assert(
    fc.property(condition, fc.boolean(), (given, anonymousAllowed) => {
      const least = anonymousAllowed ? anonymous : callerWith();
      expect(holdsForAll(given, anonymousAllowed)).toBe(compileCriterion(given)(least));
    }),
  );
});
