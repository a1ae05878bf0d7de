/** Depth: the longest chain of nested fields, whatever the spelling. */
import { describe, expect, test } from 'vitest';
import { depth } from '../../../gateway/limits/rules/depth.ts';
import { chain, measured, outcomeOf } from './measured.ts';

const cases: { name: string; given: string; expect: number }[] = [
  { name: 'a leaf', given: '{ a }', expect: 1 },
  { name: 'neighbours count once', given: '{ a b c }', expect: 1 },
  { name: 'the leaf counts', given: '{ a { b { c } } }', expect: 3 },
  { name: 'the longest chain counts', given: '{ a { b } c { d { e } } f }', expect: 3 },
  { name: 'aliases change nothing', given: '{ x: a { y: b } }', expect: 2 },
  {
    name: 'inline fragments add nothing',
    given: '{ ... { ... on Q { a { ... on A { b } } } } }',
    expect: 2,
  },
  {
    name: 'fragments add nothing, what is in them counts',
    given: '{ a { ...F } } fragment F on A { b { ...G } } fragment G on B { c }',
    expect: 3,
  },
  {
    name: 'the deeper of two spreads',
    given: '{ ...F a { ...F } } fragment F on Q { b { c } }',
    expect: 3,
  },
  {
    name: 'directives change nothing',
    given: '{ a @skip(if: true) { b @include(if: $no) } }',
    expect: 2,
  },
  { name: 'type names are leaves', given: '{ a { __typename } }', expect: 2 },
  {
    name: 'introspection counts as a leaf',
    given: '{ __schema { types { fields { type { ofType { name } } } } } }',
    expect: 1,
  },
  {
    name: 'under an alias too',
    given: '{ a: __type(name: "A") { fields { type { name } } } }',
    expect: 1,
  },
  {
    name: 'in a fragment too',
    given: '{ ...F } fragment F on Q { __schema { types { name } } }',
    expect: 1,
  },
  {
    name: 'a field with a similar name does not',
    given: '{ schema { types { name } } }',
    expect: 3,
  },
  { name: 'unknown fragments count nothing', given: '{ a { ...Nobody } }', expect: 1 },
  { name: 'mutations too', given: 'mutation { a { b } }', expect: 2 },
  {
    name: 'fragments that nothing spreads do not count',
    given: '{ a } fragment F on Q { b { c { d } } }',
    expect: 1,
  },
];

describe('depth', () => {
  test.each(cases)('$name', ({ given, expect: levels }) => {
    expect(measured(depth, given, 'depth')).toBe(levels);
  });

  test('refuses at one above the limit', () => {
    const nested = (levels: number) => `${'{ a '.repeat(levels)}${'}'.repeat(levels)}`;
    expect(outcomeOf(depth, nested(10), { depth: 10 })).toBe('fits');
    expect(outcomeOf(depth, nested(11), { depth: 10 })).toBe('limits/too-deep');
  });

  test('a fragment spread twice on each of 60 levels is measured once each', () => {
    const started = performance.now();
    expect(measured(depth, chain(60, 2, 'a { b }'), 'depth')).toBe(2);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
