import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeUtf8 } from '../../gateway/http/encode-utf8.ts';

const sign = fc.constantFrom('a', 'é', '•', '王', '😀', '\u0000', '\uffff', '\ud800', '\udc00');

it('gives the bytes that Node gives, whatever the signs and the length', () => {
  const given = fc.record({
    signs: fc.array(sign, { minLength: 1, maxLength: 30 }),
    count: fc.constantFrom(1, 30, 68, 69, 500, 2_048, 40_000),
  });
  fc.assert(
    fc.property(given, ({ signs, count }) => {
      const text = signs.join('').repeat(count);
      const encoded = encodeUtf8(text);
      const bytes = typeof encoded === 'string' ? Buffer.from(encoded) : encoded;
      expect(bytes.equals(Buffer.from(text))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it('encodes what is long and well formed, and keeps nothing of it for the next', () => {
  const first = encodeUtf8('•'.repeat(3_000));
  const second = encodeUtf8('王'.repeat(2_500));
  expect(first).toEqual(Buffer.from('•'.repeat(3_000)));
  expect(second).toEqual(Buffer.from('王'.repeat(2_500)));
  expect(encodeUtf8('•'.repeat(100))).toBe('•'.repeat(100));
});
