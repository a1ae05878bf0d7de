/** Masks show at most half of a value, and nothing of a short one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { MaskName } from '../../gateway/plan.ts';
import { maskText } from '../../gateway/mask.ts';

const redacted = maskText('redact', 'anything at all');

const cases: { name: string; mask: MaskName; given: string; expect: string }[] = [
  { name: 'the last four', mask: 'last4', given: '900-11-2222', expect: '•••••••2222' },
  { name: 'exactly half', mask: 'last4', given: '12345678', expect: '••••5678' },
  { name: 'one short of twice as long', mask: 'last4', given: '1234567', expect: redacted },
  { name: 'four', mask: 'last4', given: '1234', expect: redacted },
  { name: 'one', mask: 'last4', given: '1', expect: redacted },
  { name: 'none', mask: 'last4', given: '', expect: redacted },
  { name: 'blanks count as they are', mask: 'last4', given: 'abcd    ', expect: '••••    ' },
  { name: 'characters, not their halves', mask: 'last4', given: '𝟗𝟎𝟎𝟏𝟏𝟐𝟐𝟐', expect: '••••𝟏𝟐𝟐𝟐' },
  {
    name: 'seven characters of two halves each',
    mask: 'last4',
    given: '𝟗𝟎𝟎𝟏𝟏𝟐𝟐',
    expect: redacted,
  },
  { name: 'redacted', mask: 'redact', given: '900-11-2222', expect: redacted },
];

test.each(cases)('$name', ({ mask, given, expect: shown }) => {
  expect(maskText(mask, given)).toBe(shown);
});

test('never more than half, and only from the end', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (value) => {
      const hidden = maskText('last4', value);
      if (hidden === redacted) return;
      const characters = Array.from(value);
      expect(Array.from(hidden)).toHaveLength(characters.length);
      expect(characters.length).toBeGreaterThanOrEqual(8);
      expect(hidden.endsWith(characters.slice(-4).join(''))).toBe(true);
      expect(hidden.startsWith('•'.repeat(characters.length - 4))).toBe(true);
    }),
  );
});

test('a redacted value tells nothing of its length', () => {
  const lengths = ['', 'a', 'a'.repeat(10_000)].map((value) => maskText('redact', value).length);
  expect(new Set(lengths).size).toBe(1);
});
