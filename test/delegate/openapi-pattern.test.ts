/** Patterns that are matched without going back say what RegExp says. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../gateway/delegate/openapi/call/linear-pattern.ts';

const has = (source: string, text: string): boolean | undefined =>
  compilePattern(source)?.(text, { left: 1e7 });

const atoms = ['a', 'b', '.', '[ab]', '[^a]', '\\w', '\\W', '^', '$', '\\b', 'é', '\\u{1f600}'];
const signs = ['', '', '*', '+', '?', '{2}', '{1,3}', '{0,2}', '{2,}', '*?'];
const atom = fc
  .tuple(fc.constantFrom(...atoms), fc.constantFrom(...signs))
  .map(([one, sign]) => (/[\^$]|\\b/.test(one) && !one.startsWith('[') ? one : `${one}${sign}`));
const sequence = fc.array(atom, { maxLength: 4 }).map((all) => all.join(''));
const pattern = fc
  .tuple(sequence, sequence, fc.constantFrom(...signs), sequence)
  .map(([before, inside, sign, after]) => `${before}(?:${inside}|b)${sign}${after}`);
const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é', '😀', '\n'), maxLength: 8 });

describe('a pattern', () => {
  test('is found where RegExp finds it', () => {
    fc.assert(
      fc.property(pattern, text, (source, given) => {
        expect(has(source, given)).toBe(new RegExp(source, 'u').test(given));
      }),
      { numRuns: 2_000 },
    );
  });

  test('that may be anywhere is looked for everywhere', () => {
    expect([has('b', 'aab'), has('b$', 'aba'), has('^b', 'ab'), has('', '')]).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });

  test('is left where it is too much work, whatever it would have found', () => {
    const work = { left: 10 };
    expect(compilePattern('a+b')?.('aaaaaaaaaaaaaab', work)).toBeUndefined();
    expect(work.left).toBeLessThan(0);
  });
});
