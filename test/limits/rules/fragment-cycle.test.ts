/** Fragments that spread themselves, in whatever disguise, and those that only look like it. */
import { describe, expect, test } from 'vitest';
import { fragmentCycle } from '../../../gateway/limits/rules/fragment-cycle.ts';
import { chain, outcomeOf } from './measured.ts';

const cases: { name: string; given: string; expect: 'fits' | 'limits/fragment-cycle' }[] = [
  { name: 'no fragment', given: '{ a }', expect: 'fits' },
  { name: 'itself', given: '{ ...A } fragment A on Q { ...A }', expect: 'limits/fragment-cycle' },
  {
    name: 'itself below a field',
    given: '{ ...A } fragment A on Q { a { b ...A } }',
    expect: 'limits/fragment-cycle',
  },
  {
    name: 'itself in an inline fragment',
    given: '{ ...A } fragment A on Q { ... on Q { ... { ...A } } }',
    expect: 'limits/fragment-cycle',
  },
  {
    name: 'through another',
    given: '{ ...A } fragment A on Q { ...B } fragment B on Q { a { ...A } }',
    expect: 'limits/fragment-cycle',
  },
  {
    name: 'through another, not the first',
    given: '{ ...A } fragment A on Q { ...B } fragment B on Q { ...C } fragment C on Q { ...B }',
    expect: 'limits/fragment-cycle',
  },
  {
    name: 'by the last of several spreads',
    given:
      '{ ...A } fragment A on Q { ...B ...C } fragment B on Q { b } fragment C on Q { c ...A }',
    expect: 'limits/fragment-cycle',
  },
  {
    name: 'where nothing spreads it',
    given: '{ a } fragment A on Q { ...A }',
    expect: 'limits/fragment-cycle',
  },
  {
    name: 'behind @skip',
    given: '{ ...A } fragment A on Q { ...A @skip(if: true) }',
    expect: 'limits/fragment-cycle',
  },
  {
    name: 'spread twice is no cycle',
    given: '{ ...A ...A } fragment A on Q { a }',
    expect: 'fits',
  },
  {
    name: 'a diamond is no cycle',
    given:
      '{ ...A } fragment A on Q { ...B ...C } fragment B on Q { ...D } fragment C on Q { ...D } fragment D on Q { d }',
    expect: 'fits',
  },
  {
    name: 'a name of the prototype',
    given:
      '{ ...__proto__ ...constructor } fragment __proto__ on Q { a } fragment constructor on Q { ...toString }',
    expect: 'fits',
  },
  { name: 'unknown fragments', given: '{ ...A } fragment A on Q { ...Nobody }', expect: 'fits' },
];

describe('fragment cycles', () => {
  test.each(cases)('$name', ({ given, expect: outcome }) => {
    expect(outcomeOf(fragmentCycle, given)).toBe(outcome);
  });

  test('several operations: of the document, not of one', () => {
    const text = 'query A { a } query B { ...F } fragment F on Q { ...F }';
    expect(outcomeOf(fragmentCycle, text)).toBe('limits/fragment-cycle');
  });

  test('spread twice on each of 60 levels is walked once each', () => {
    const started = performance.now();
    expect(outcomeOf(fragmentCycle, chain(60, 2))).toBe('fits');
    expect(performance.now() - started).toBeLessThan(500);
  });
});
