/**
 * One token in many spellings: whoever holds it can write its signature in other letters, or, for
 * ECDSA, put another valid signature in its place, without the issuer. It stays one credential,
 * with one rate, one name in the audit trail and one place among what is in flight.
 */
import { describe, expect, it } from 'vitest';
import { testGateway } from '../support/gateway.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** The order of P-256. */
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The last letter of a signature holds bits that belong to no byte. */
function withOtherLetters(token: string): string {
  const last = letters.indexOf(token.at(-1) ?? '');
  return token.slice(0, -1) + letters[last ^ 1];
}

/** Where (r, s) is a signature, (r, n - s) is one too. */
function withOtherSignature(token: string): string {
  const [head, body, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const other = Buffer.concat([
    bytes.subarray(0, 32),
    Buffer.from(s.toString(16).padStart(64, '0'), 'hex'),
  ]);
  return `${head}.${body}.${other.toString('base64url')}`;
}

describe('a token in another spelling', () => {
  it.each([
    { name: 'other letters', respell: withOtherLetters },
    { name: 'another signature', respell: withOtherSignature },
  ])('is the same credential: $name', async ({ respell }) => {
    const gateway = await testGateway({
      upstreams: { a: { sdl: 'type Query { me: String }', answer: () => ({ data: { me: 'x' } }) } },
      rules: 'version: 1\nrules: [{ name: all, fields: { Query: [me] }, allow: authenticated }]',
      rates: 'version: 1\nrates: [{ name: token, per: token, limit: 1, window: 1h }]',
    });
    const token = await gateway.tokenOf({ subject: 'ada' });
    const ask = async (spelled: string) =>
      (await gateway.query('{ me }', { headers: { authorization: `Bearer ${spelled}` } })).status;
    const other = respell(token);
    expect(other).not.toBe(token);
    expect([await ask(token), await ask(other)]).toEqual([200, 429]);
    const [first, second] = gateway.records.map(({ caller }) => caller?.credentialHash);
    expect(second).toBe(first);
    await gateway.close();
  });
});
