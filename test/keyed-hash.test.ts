/** Vectors of the reference implementation (vectors.h of veorq/SipHash, CC0), key 00 01 … 07. */
import { describe, expect, it } from 'vitest';
import { KeyedHash } from '../gateway/keyed-hash.ts';

const keyed = (): KeyedHash => new KeyedHash(0x03020100, 0x07060504);

/** The text whose code units, little endian, are the bytes 00 01 02 …. */
const bytesUpTo = (count: number): string =>
  Array.from({ length: count / 2 }, (_, at) =>
    String.fromCharCode(2 * at + (2 * at + 1) * 256),
  ).join('');

describe('KeyedHash', () => {
  const cases = [
    { given: 0, expect: '218d1f59b9b83cc8' },
    { given: 2, expect: '064f39ef7c50eb57' },
    { given: 4, expect: 'd5e78a175be52ea1' },
    { given: 6, expect: 'ce3e91358aa2bc25' },
  ];
  it.each(cases)('$given bytes', ({ given, expect: bytes }) => {
    const hash = keyed();
    hash.update(bytesUpTo(given));
    const out = Buffer.alloc(8);
    out.writeUInt32LE(hash.low, 0);
    out.writeUInt32LE(hash.high, 4);
    expect(out.toString('hex')).toBe(bytes);
  });

  it('differs under another key', () => {
    const [one, other] = [keyed(), new KeyedHash(0x03020100, 0x07060505)];
    one.update('addr:192.0.2.0');
    other.update('addr:192.0.2.0');
    expect([one.high, one.low]).not.toEqual([other.high, other.low]);
  });
});
