/**
 * A key set, of a provider in error or of somebody in its place, with RSA keys whose exponent hides
 * nothing: with the exponent one a signature is the padded digest itself, which anybody can write.
 */
import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import {
  createDoor,
  createSigningKey,
  forgeToken,
  signToken,
  startIssuer,
  startMs,
} from '../identify/loopback-issuer.ts';

const digestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** What a signature of RS256 is before it is one: EMSA-PKCS1-v1_5 (RFC 8017, 9.2). */
function padded(input: string, bytes: number): string {
  const tail = Buffer.concat([digestInfo, createHash('sha256').update(input).digest()]);
  const filling = Buffer.alloc(bytes - tail.length - 3, 0xff);
  return Buffer.concat([Buffer.from([0, 1]), filling, Buffer.from([0]), tail]).toString(
    'base64url',
  );
}

const key = await createSigningKey('k1', 'RS256');
const header = { alg: 'RS256', kid: 'k1', typ: 'at+jwt' };
const claims = {
  iss: 'https://idp.example',
  aud: 'graph',
  sub: 'anybody',
  exp: startMs / 1000 + 300,
};
const [input = ''] = forgeToken(header, claims, '').match(/^.*(?=\.)/) ?? [];
const forged = `${input}.${padded(input, 256)}`;

const cases = [
  { name: 'one', e: 'AQ' },
  { name: 'one, with zeros in front', e: 'AAAB' },
  { name: 'zero', e: 'AA' },
  { name: 'two', e: 'Ag' },
];
test.each(cases)('the exponent $name', async ({ e }) => {
  const issuer = await startIssuer([{ ...key.jwk, e }]);
  const door = createDoor(issuer.url);
  onTestFinished(async () => {
    await door.close();
    await issuer.close();
  });
  expect(await door.verdict(forged)).toBe('identify/keys-unavailable');
  expect(door.problems.join()).toContain('exponent');
});

test.each(['Aw', 'AQAB'])('the exponent %s is as good as any', async (e) => {
  const issuer = await startIssuer([{ ...key.jwk, e }]);
  const door = createDoor(issuer.url);
  onTestFinished(async () => {
    await door.close();
    await issuer.close();
  });
  const isOwn = e === key.jwk.e;
  const verdict = await door.verdict(await signToken({ key }));
  expect(verdict).toBe(isOwn ? 'caller' : 'identify/token-signature');
});
