/** Our HMAC over one-shot hashes is that of node:crypto and of the RFC, for any key and text. */
import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHmacSha256 } from '../gateway/hmac-sha256.ts';

/** RFC 4231, sections 4.2 to 4.8, those whose data are text and whose output is whole. */
const vectors = [
  {
    key: Buffer.alloc(20, 0x0b),
    text: 'Hi There',
    mac: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  },
  {
    key: 'Jefe',
    text: 'what do ya want for nothing?',
    mac: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
  {
    key: Buffer.alloc(131, 0xaa),
    text: 'Test Using Larger Than Block-Size Key - Hash Key First',
    mac: '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  },
  {
    key: Buffer.alloc(131, 0xaa),
    text: 'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
    mac: '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  },
];

const reference = (key: string | Uint8Array, text: string): string =>
  createHmac('sha256', key).update(text).digest('base64url');

describe('createHmacSha256', () => {
  it.each(vectors)('gives the RFC’s value for "$text"', ({ key, text, mac }) => {
    expect(createHmacSha256(key, 'hex')(text)).toBe(mac);
  });

  it('gives what node:crypto gives, whatever the key and the texts before', () => {
    const texts = fc.string({ unit: 'binary', maxLength: 1_000 });
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.string({ maxLength: 100 })),
        fc.array(fc.oneof(texts, fc.string()), { minLength: 1, maxLength: 5 }),
        (key, all) => {
          const hmac = createHmacSha256(key, 'base64url');
          expect(all.map(hmac)).toEqual(all.map((text) => reference(key, text)));
        },
      ),
    );
  });

  it('takes texts of any length and lone surrogates', () => {
    const key = randomBytes(32);
    const hmac = createHmacSha256(key, 'base64url');
    for (let length = 250; length < 262; length += 1) {
      for (const one of ['7', 'é', '€', '\ud83d', '😀']) {
        const text = one.repeat(length);
        expect(hmac(text)).toBe(reference(key, text));
      }
    }
  });

  it('keeps two keys apart', () => {
    const [first, second] = ['one', 'two'].map((key) => createHmacSha256(key, 'hex'));
    expect(first?.('text')).not.toBe(second?.('text'));
    expect(first?.('text')).toBe(createHmac('sha256', 'one').update('text').digest('hex'));
  });
});
