/** Masks show at most half of a value, and nothing of a short one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHashOf } from '../../gateway/authorize/mask-hash.ts';
import type { CoordinatePolicy } from '../../gateway/authorize/policy.ts';
import { maskText } from '../../gateway/plan/mask.ts';
import type { MaskName } from '../../gateway/plan/plan.ts';

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
  { name: 'the first', mask: 'first1', given: 'Ann', expect: 'A••' },
  { name: 'the first of two', mask: 'first1', given: 'Jo', expect: 'J•' },
  { name: 'the first of one', mask: 'first1', given: 'J', expect: redacted },
  { name: 'the first of none', mask: 'first1', given: '', expect: redacted },
  { name: 'the first of two halves', mask: 'first1', given: '𝟗𝟎', expect: '𝟗•' },
  {
    name: 'a domain',
    mask: 'domain',
    given: 'ann.of.example@acme.test',
    expect: '••••••••••••••@acme.test',
  },
  {
    name: 'a domain longer than what is before',
    mask: 'domain',
    given: 'a@acme.test',
    expect: redacted,
  },
  {
    name: 'an @ in the local part',
    mask: 'domain',
    given: '"a@home.test at"@b.test',
    expect: '••••••••••••••••@b.test',
  },
  { name: 'no domain', mask: 'domain', given: 'somebody at home', expect: redacted },
  { name: 'nothing before the domain', mask: 'domain', given: '@acme.test', expect: redacted },
  { name: 'nothing after the @', mask: 'domain', given: 'somebody@', expect: redacted },
  { name: 'the year of a date', mask: 'year', given: '1990-05-17', expect: '1990' },
  { name: 'the year of a time', mask: 'year', given: '1990-05-17T08:00:00Z', expect: '1990' },
  { name: 'a month alone is too short', mask: 'year', given: '1990-05', expect: redacted },
  { name: 'a number that starts like a year', mask: 'year', given: '1990051799', expect: redacted },
  { name: 'a number with dashes', mask: 'year', given: '9001-22-3333', expect: redacted },
  { name: 'a year behind something', mask: 'year', given: '17.05.1990', expect: redacted },
  { name: 'a hash without a key', mask: 'hash', given: '900-11-2222', expect: redacted },
  { name: 'redacted', mask: 'redact', given: '900-11-2222', expect: redacted },
];

test.each(cases)('$name', ({ mask, given, expect: shown }) => {
  expect(maskText(mask, given)).toBe(shown);
});

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.emailAddress(),
  fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  fc.tuple(fc.string(), fc.domain()).map(([local, domain]) => `${local}@${domain}`),
  fc.stringMatching(/^\d{4}-\d{0,3}-?\d{0,3}$/),
);

test.each(['last4', 'first1', 'year', 'domain', 'redact'] as const)(
  '%s: never more than half of any value, and in its order',
  (mask) => {
    fc.assert(
      fc.property(text, (value) => {
        const left = Array.from(maskText(mask, value));
        const characters = Array.from(value);
        const shown = left.filter((one) => one !== '•');
        expect(shown.length * 2).toBeLessThanOrEqual(characters.length);
        expect(value).toContain(shown.join(''));
        const isWhole = left.length === characters.length;
        expect(isWhole || left.join('') === redacted || mask === 'year').toBe(true);
      }),
    );
  },
);

const policy = (classes: Record<string, string[]>) => ({
  fields: new Map(
    Object.entries(classes).map(([coordinate, labels]) => [
      coordinate,
      { coordinate, classes: labels } as unknown as CoordinatePolicy,
    ]),
  ),
});
const labelled = policy({
  'A.ssn': ['id'],
  'B.ssn': ['id'],
  'C.ssn': ['id', 'pay'],
  'D.a': [],
  'D.b': [],
});

test('hash: equal within a class and a key, different across them, and nothing of the value', () => {
  const one = createHashOf(labelled, 'k'.repeat(32));
  const other = createHashOf(labelled, 'l'.repeat(32));
  const same = createHashOf(labelled, 'k'.repeat(32));
  fc.assert(
    fc.property(text, text, (value, another) => {
      const hash = (of: typeof one, coordinate: string, given = value) =>
        maskText('hash', given, of(coordinate));
      const own = hash(one, 'A.ssn');
      expect(own).toMatch(/^[\w-]{16}$/);
      expect([hash(one, 'A.ssn'), hash(one, 'B.ssn'), hash(same, 'A.ssn')]).toEqual([
        own,
        own,
        own,
      ]);
      const others = [hash(one, 'C.ssn'), hash(one, 'D.a'), hash(one, 'D.b'), hash(other, 'A.ssn')];
      expect(new Set([own, ...others]).size).toBe(5);
      expect(hash(one, 'A.ssn', another) === own).toBe(another === value);
    }),
  );
});

test('a redacted value tells nothing of its length', () => {
  const lengths = ['', 'a', 'a'.repeat(10_000)].map((value) => maskText('redact', value).length);
  expect(new Set(lengths).size).toBe(1);
});
