/** Durations are read and written alike. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseDuration, toDurationText } from '../../gateway/time/duration.ts';

it.each([
  [0, '0s'],
  [500, '500ms'],
  [1_000, '1s'],
  [90_000, '90s'],
  [300_000, '5m'],
  [5_400_000, '90m'],
  [7_200_000, '2h'],
  [86_400_000, '1d'],
])('%d ms are %s', (ms, text) => {
  expect(toDurationText(ms)).toBe(text);
});

it('are what they were, written and read again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_999 }), (ms) => {
      expect(parseDuration(toDurationText(ms))).toBe(ms);
    }),
  );
});
