import { describe, expect, it } from 'vitest';
import { encode } from '../../gateway/shape/utf8.ts';

/** Longer than what is left to Node. */
const padded = (text: string): string => `${'x'.repeat(3_000)}${text}`;

describe('a long text', () => {
  it.each([
    ['dots of a mask', '••••4321'],
    ['accents of Latin-1', 'Zoë Müller'],
    ['another script', '山田太郎'],
    ['pairs of surrogates', '👩‍💻•'],
    ['half a pair', '\ud83d•'],
    ['the other half', 'x\udc69'],
    ['nothing beyond ASCII', 'plain'],
  ])('with %s has the bytes that Node gives', (_, text) => {
    const whole = padded(text);
    const { bodyBytes, utf8 } = encode(whole);
    const expected = Buffer.from(whole);
    expect(bodyBytes).toBe(expected.length);
    expect(utf8 ?? expected).toEqual(expected);
    expect(utf8 === undefined).toBe(text === 'plain');
  });
});

it('leaves short texts to Node', () => {
  expect(encode('••••4321')).toEqual({ bodyBytes: 16, utf8: undefined });
  expect(encode('')).toEqual({ bodyBytes: 0, utf8: undefined });
});
