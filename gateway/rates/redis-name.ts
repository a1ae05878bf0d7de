/**
 * The key names of buckets: a prefix, a keyed hash of the rate's name, and the first 128 bits of
 * HMAC-SHA-256 over rate and identity. The names reveal no identity, and without the secret a guess
 * cannot be tested.
 */
import { createHmac } from 'node:crypto';
import type { Charge } from './store.ts';

const secretBytesMin = 16;
/** Most rate names whose hash is cached; they come from policies, so there are few. */
const rateNamesMax = 1_000;
const prefixPattern = /^[\w:.-]{0,64}$/;

export type NameBucket = (charge: Pick<Charge, 'rate' | 'key' | 'memo'>) => string;

/** Throws TypeError for a secret of less than 16 bytes, or a malformed prefix. */
export function createNames(secret: string, prefix: string): NameBucket {
  if (Buffer.byteLength(secret) < secretBytesMin) {
    throw new TypeError(`the secret of the rate store needs at least ${secretBytesMin} bytes`);
  }
  if (!prefixPattern.test(prefix)) {
    throw new TypeError('the key prefix of the rate store may hold letters, digits and :._- only');
  }
  const hashOf = (text: string, bytes: number): string =>
    createHmac('sha256', secret).update(text).digest().toString('base64url', 0, bytes);
  const ofRates = new Map<string, string>();
  const rateHash = (rate: string): string => {
    const known = ofRates.get(rate);
    if (known !== undefined) return known;
    if (ofRates.size >= rateNamesMax) ofRates.clear();
    const fresh = hashOf(`rate ${rate}`, 6);
    ofRates.set(rate, fresh);
    return fresh;
  };
  const nameBucket: NameBucket = ({ rate, key, memo }) => {
    if (memo?.name?.by === nameBucket) return memo.name.text;
    const text = `${prefix}${rateHash(rate)}:${hashOf(`bucket ${rate.length}:${rate}${key}`, 16)}`;
    if (memo !== undefined) memo.name = { by: nameBucket, text };
    return text;
  };
  return nameBucket;
}
