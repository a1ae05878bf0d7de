/**
 * A token that was good once: it must stop to be good when its time is over or its key is
 * withdrawn, although its verification is remembered.
 */
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { keysCooldownMs, keysFreshMs, keysStaleMs } from '../../gateway/identify/key-set.ts';
import {
  createDoor,
  createSigningKey,
  type Door,
  type Issuer,
  type SigningKey,
  signToken,
  startIssuer,
  startMs,
} from '../identify/loopback-issuer.ts';

let oldKey: SigningKey;
let newKey: SigningKey;
let issuer: Issuer;
let door: Door;

beforeAll(async () => {
  [oldKey, newKey] = await Promise.all([createSigningKey('old'), createSigningKey('new')]);
});
beforeEach(async () => {
  issuer = await startIssuer([oldKey.jwk]);
  door = createDoor(issuer.url);
});
afterEach(async () => {
  await door.close();
  await issuer.close();
});

const lasting = { exp: startMs / 1000 + 100_000 };
const dead = (response: { destroy(): void }): void => response.destroy();

describe('tokens seen before', () => {
  test('expire while remembered, to the second', async () => {
    const token = await signToken({ key: oldKey });
    expect(await door.verdict(token)).toBe('caller');
    door.advance(304_999);
    expect(await door.verdict(token)).toBe('caller');
    door.advance(1);
    expect(await door.verdict(token)).toBe('identify/token-expired');
    expect(await door.verdict(token)).toBe('identify/token-expired');
  });

  test('are not valid before their time, where the clock was set back', async () => {
    const token = await signToken({ key: oldKey, claims: { nbf: startMs / 1000 } });
    expect(await door.verdict(token)).toBe('caller');
    door.advance(-6000);
    expect(await door.verdict(token)).toBe('identify/token-claims');
  });

  test('fall with the key that signed them', async () => {
    const token = await signToken({ key: oldKey, claims: lasting });
    expect(await door.verdict(token)).toBe('caller');
    issuer.publish([newKey.jwk]);
    door.advance(keysFreshMs - 1);
    expect(await door.verdict(token)).toBe('caller');
    door.advance(1);
    expect(await door.verdict(token)).toBe('identify/token-signature');
  });

  test('fall at once when a token of the new key brings the new keys in', async () => {
    const token = await signToken({ key: oldKey, claims: lasting });
    expect(await door.verdict(token)).toBe('caller');
    issuer.publish([newKey.jwk]);
    door.advance(keysCooldownMs);
    expect(await door.verdict(await signToken({ key: newKey }))).toBe('caller');
    expect(await door.verdict(token)).toBe('identify/token-signature');
  });

  test('fall when the same kid stands for another key', async () => {
    const token = await signToken({ key: oldKey, claims: lasting });
    expect(await door.verdict(token)).toBe('caller');
    issuer.publish([{ ...newKey.jwk, kid: 'old' }]);
    door.advance(keysFreshMs);
    expect(await door.verdict(token)).toBe('identify/token-signature');
  });

  test('fall when the issuer withdraws every key', async () => {
    const token = await signToken({ key: oldKey, claims: lasting });
    expect(await door.verdict(token)).toBe('caller');
    issuer.publish([]);
    door.advance(keysFreshMs);
    expect(await door.verdict(token)).toBe('identify/keys-unavailable');
  });

  test('a verification that ends after its key was withdrawn is not remembered', async () => {
    const answers = [[oldKey.jwk], [newKey.jwk]].map((keys) => JSON.stringify({ keys }));
    const fetchKeys = (): Promise<string> => Promise.resolve(answers.shift() ?? '');
    const other = createDoor('https://idp.example/jwks', { fetchKeys });
    const token = await signToken({ key: oldKey, claims: lasting });
    const fromNewKey = await signToken({ key: newKey });
    await other.step.ready();
    other.advance(keysCooldownMs);
    await Promise.all([other.verdict(fromNewKey), other.verdict(token), other.verdict(token)]);
    expect(await other.verdict(token)).toBe('identify/token-signature');
    await other.close();
  });

  test('live through an outage of the issuer, for an hour', async () => {
    const token = await signToken({ key: oldKey, claims: lasting });
    const caller = await door.use(token);
    issuer.behave((_, response) => dead(response));
    door.advance(keysFreshMs + keysStaleMs - 1);
    expect(await door.use(token)).toBe(caller);
    expect(
      await door.verdict(await signToken({ key: oldKey, claims: { ...lasting, sub: 'b' } })),
    ).toBe('caller');
    door.advance(1);
    expect(await door.verdict(token)).toBe('identify/keys-unavailable');
    issuer.behave(undefined);
    door.advance(keysCooldownMs);
    expect(await door.verdict(token)).toBe('caller');
  });
});
