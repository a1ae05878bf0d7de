import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFindTexts } from '../../../gateway/watch/audit-log/search/find-texts.ts';

/** Few letters, so that texts are found, nearly found, and overlap. */
const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 300 });
const texts = fc.array(
  fc.string({ unit: fc.constantFrom('a', 'b', 'é'), minLength: 2, maxLength: 6 }),
  { minLength: 1, maxLength: 5 },
);

/** The first place at which any of the texts ends decides, as in a pass from left to right. */
function naive(bytes: Buffer, needles: readonly Buffer[], from: number): number {
  for (let end = from; end <= bytes.length; end += 1) {
    for (const needle of needles) {
      const start = end - needle.length;
      if (start >= from && needle.equals(bytes.subarray(start, end))) return start;
    }
  }
  return -1;
}

describe('texts in bytes', () => {
  it('are found where a plain search finds them', () => {
    fc.assert(
      fc.property(letters, texts, fc.nat(20), (text, wanted, from) => {
        const bytes = Buffer.from(text);
        const needles = wanted.map((one) => Buffer.from(one));
        const found = createFindTexts(wanted)(bytes, from);
        const truth = naive(bytes, needles, from);
        expect(found < 0).toBe(truth < 0);
        if (found >= 0) {
          expect(needles.some((one) => one.equals(bytes.subarray(found, found + one.length)))).toBe(
            true,
          );
          expect(found).toBeGreaterThanOrEqual(from);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('are found each once when the search goes on behind them', () => {
    const bytes = Buffer.from('.e1:abc..e2:xyz.e1:abc');
    const find = createFindTexts(['e1:abc', 'e2:xyz', 'epoch3:abc']);
    const starts: number[] = [];
    for (let at = find(bytes, 0); at >= 0; at = find(bytes, at + 1)) starts.push(at);
    expect(starts).toEqual([1, 9, 16]);
  });

  it('longer than the window are found too', () => {
    const long = `${'x'.repeat(400)}y`;
    const find = createFindTexts([long]);
    expect(find(Buffer.from(`..${long}`), 0)).toBe(2);
    expect(find(Buffer.from(long.slice(1)), 0)).toBe(-1);
  });

  it('of one byte, or none, are refused', () => {
    expect(() => createFindTexts(['ab', 'c'])).toThrow(RangeError);
    expect(() => createFindTexts([])).toThrow(RangeError);
  });
});
