/** Fields: each as often as it is selected, fragments written out. */
import { describe, expect, test } from 'vitest';
import { fields } from '../../../gateway/limits/rules/fields.ts';
import { chain, measured, outcomeOf } from './measured.ts';

const cases: { name: string; given: string; expect: number }[] = [
  { name: 'a leaf', given: '{ a }', expect: 1 },
  { name: 'parents and leaves', given: '{ a { b c } d }', expect: 4 },
  { name: 'repeated fields', given: '{ a a a }', expect: 3 },
  { name: 'aliases', given: '{ x: a y: a z: a }', expect: 3 },
  { name: 'inline fragments', given: '{ ... { a ... on Q { b } } }', expect: 2 },
  {
    name: 'a fragment as often as it is spread',
    given: '{ ...F ...F a { ...F } } fragment F on Q { b { c } }',
    expect: 7,
  },
  { name: 'fragments in fragments', given: chain(3, 2), expect: 4 },
  { name: 'what is skipped', given: '{ a @skip(if: true) b @include(if: false) }', expect: 2 },
  { name: 'introspection', given: '{ __schema { types { name } } __typename }', expect: 4 },
  { name: 'unknown fragments', given: '{ a ...Nobody }', expect: 1 },
  { name: 'fragments that nothing spreads', given: '{ a } fragment F on Q { b c d }', expect: 1 },
];

describe('fields', () => {
  test.each(cases)('$name', ({ given, expect: count }) => {
    expect(measured(fields, given, 'fields')).toBe(count);
  });

  test('refuses at one above the limit', () => {
    expect(outcomeOf(fields, `{ ${'a '.repeat(1_000)}}`, { fields: 1_000 })).toBe('fits');
    expect(outcomeOf(fields, `{ ${'a '.repeat(1_001)}}`, { fields: 1_000 })).toBe(
      'limits/too-many-fields',
    );
  });

  const doubling = [
    { name: '60 levels', given: chain(61, 2) },
    // More than a number can hold.
    { name: '1,100 levels', given: chain(1_101, 2) },
    { name: '60 levels with fields between', given: chain(60, 2, 'a { b { c } }') },
  ];
  test.each(doubling)('doubling over $name is refused at once', ({ given }) => {
    const started = performance.now();
    expect(outcomeOf(fields, given, { fields: 100_000 })).toBe('limits/too-many-fields');
    expect(performance.now() - started).toBeLessThan(500);
  });

  test('doubling nothing is nothing', () => {
    expect(outcomeOf(fields, chain(60, 2, '... { ...Nobody }'), { fields: 1 })).toBe('fits');
  });
});
