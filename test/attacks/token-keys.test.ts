/**
 * Attacks on where the keys come from: floods of unknown keys, and an address that redirects,
 * stalls, drowns us or talks nonsense. Without keys nobody is let in, and nobody waits for long.
 */
import type { RequestListener } from 'node:http';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  keysAheadMs,
  keysCooldownMs,
  keysFreshMs,
  keysRetryMs,
  keysStaleMs,
} from '../../gateway/identify/key-set.ts';
import {
  createDoor,
  createSigningKey,
  type Door,
  forgeToken,
  type Issuer,
  type SigningKey,
  sendKeys,
  signToken,
  startIssuer,
  startMs,
} from '../identify/loopback-issuer.ts';

let key: SigningKey;
let weak: SigningKey['jwk'];
let good: string;
let issuer: Issuer;
let door: Door;

beforeAll(async () => {
  key = await createSigningKey('k1');
  weak = { kty: 'RSA', n: Buffer.alloc(128, 0xff).toString('base64url'), e: 'AQAB', kid: 'k1' };
  good = await signToken({ key, claims: { exp: startMs / 1000 + 100_000 } });
});
beforeEach(async () => {
  issuer = await startIssuer([key.jwk]);
  door = createDoor(issuer.url, { fetchTimeoutMs: 400 });
});
afterEach(async () => {
  await door.close();
  await issuer.close();
});

function flood(from: number): Promise<string[]> {
  const claims = { iss: 'https://idp.example', aud: 'graph', exp: startMs / 1000 + 300 };
  const tokens = Array.from({ length: 1000 }, (_, index) =>
    forgeToken({ alg: 'ES256', kid: `random-${from + index}` }, claims),
  );
  return Promise.all(tokens.map((token) => door.verdict(token)));
}

const evil: { name: string; given: RequestListener }[] = [
  { name: 'refuses', given: (_, response) => void response.writeHead(500).end() },
  {
    name: 'says 201',
    given: (_, response) => sendKeys(Object.assign(response, { statusCode: 201 }), [key.jwk]),
  },
  { name: 'hangs up', given: (_, response) => void response.destroy() },
  { name: 'never answers', given: () => undefined },
  { name: 'stalls half way', given: (_, response) => void response.write('{"keys":[') },
  { name: 'drowns us', given: (_, response) => drown(response) },
  { name: 'talks HTML', given: (_, response) => void response.end('<html>') },
  { name: 'sends no set', given: (_, response) => void response.end('[]') },
  { name: 'sends no list', given: (_, response) => void response.end('{"keys":{"0":{}}}') },
  { name: 'sends null keys', given: (_, response) => void response.end('{"keys":[null]}') },
  { name: 'sends no keys', given: (_, response) => sendKeys(response, []) },
  {
    name: 'sends broken keys',
    given: (_, response) => sendKeys(response, [{ ...key.jwk, x: 'AA' }]),
  },
  { name: 'sends short keys', given: (_, response) => sendKeys(response, [weak]) },
  {
    name: 'sends keys for encryption',
    given: (_, response) => sendKeys(response, [{ ...key.jwk, use: 'enc' }]),
  },
  {
    name: 'sends a thousand keys',
    given: (_, response) => sendKeys(response, new Array(1000).fill(key.jwk)),
  },
];

/** Padding is legal JSON: only the cap stops it. */
function drown(response: Parameters<RequestListener>[1]): void {
  response.write(`{"keys":[${JSON.stringify(key.jwk)}]`);
  response.end(`${' '.repeat(300_000)}}`);
}

describe('where the keys come from', () => {
  test('a flood of unknown keys causes one reading per cooldown', async () => {
    expect(await door.verdict(good)).toBe('caller');
    expect(new Set(await flood(0))).toEqual(new Set(['identify/token-signature']));
    expect(issuer.hits()).toBe(1);
    door.advance(keysCooldownMs);
    expect(new Set(await flood(1000))).toEqual(new Set(['identify/token-signature']));
    await flood(2000);
    expect(issuer.hits()).toBe(2);
    expect(await door.verdict(good)).toBe('caller');
  });

  test('a clock that is put back does not keep a withdrawn key for longer', async () => {
    expect(await door.verdict(good)).toBe('caller');
    const other = await createSigningKey('k2');
    issuer.behave((_, response) => sendKeys(response, [other.jwk]));
    door.advance(-3_600_000);
    await door.verdict(good);
    door.advance(keysFreshMs);
    expect(await door.verdict(good)).toBe('identify/token-signature');
    expect(issuer.hits()).toBeLessThanOrEqual(3);
  });

  test('a clock that is put back in an outage does not keep keys for ever', async () => {
    expect(await door.verdict(good)).toBe('caller');
    issuer.behave((_, response) => void response.writeHead(503).end());
    door.advance(-86_400_000);
    expect(await door.verdict(good)).toBe('caller');
    door.advance(keysStaleMs + keysFreshMs);
    expect(await door.verdict(good)).toBe('identify/keys-unavailable');
  });

  test('a flood while the issuer is down causes no flood there', async () => {
    issuer.behave((_, response) => void response.writeHead(503).end());
    expect(new Set(await flood(0))).toEqual(new Set(['identify/keys-unavailable']));
    await flood(1000);
    expect(issuer.hits()).toBe(1);
    door.advance(keysRetryMs);
    await flood(2000);
    expect(issuer.hits()).toBe(2);
  });

  test('refused headers never reach the issuer', async () => {
    await door.verdict(forgeToken({ alg: 'none' }, {}, ''));
    await door.verdict(forgeToken({ alg: 'ES256', crit: [] }, {}));
    await door.verdict('a.b.c');
    expect(issuer.hits()).toBe(0);
  });

  test.each(evil)('an issuer that $name gives no keys', async ({ given }) => {
    issuer.behave(given);
    expect(await door.verdict(good)).toBe('identify/keys-unavailable');
    expect(door.problems.length).toBeGreaterThan(0);
    expect(door.problems.every((problem) => problem.includes(issuer.url))).toBe(true);
    issuer.behave(undefined);
    door.advance(keysRetryMs);
    expect(await door.verdict(good)).toBe('caller');
  });

  test('in an outage nobody waits for an issuer that hangs, whoever made us ask', async () => {
    const slow = createDoor(issuer.url, { fetchTimeoutMs: 60_000 });
    expect(await slow.verdict(good)).toBe('caller');
    issuer.behave((_, response) => void response.destroy());
    slow.advance(keysFreshMs);
    expect(await slow.verdict(good)).toBe('caller');
    const asked = Promise.withResolvers<void>();
    issuer.behave(() => asked.resolve());
    slow.advance(keysCooldownMs);
    const claims = { iss: 'https://idp.example', exp: startMs / 1000 + 100_000 };
    const flood = slow.verdict(forgeToken({ alg: 'ES256', kid: 'unknown' }, claims));
    await asked.promise;
    expect(await slow.verdict(good)).toBe('caller');
    expect(await flood).toBe('identify/token-signature');
    await slow.close();
  });

  test('without any keys one caller waits for an issuer that hangs, and no other', async () => {
    const slow = createDoor(issuer.url, { fetchTimeoutMs: 60_000 });
    issuer.behave((_, response) => void response.destroy());
    expect(await slow.verdict(good)).toBe('identify/keys-unavailable');
    const asked = Promise.withResolvers<() => void>();
    issuer.behave((_, response) => asked.resolve(() => sendKeys(response, [key.jwk])));
    slow.advance(keysRetryMs);
    const waiting = slow.verdict(good);
    const answer = await asked.promise;
    expect(await slow.verdict(good)).toBe('identify/keys-unavailable');
    slow.advance(keysRetryMs);
    expect(await slow.verdict(good)).toBe('identify/keys-unavailable');
    answer();
    expect([await waiting, await slow.verdict(good)]).toEqual(['caller', 'caller']);
    expect(issuer.hits()).toBe(2);
    await slow.close();
  });

  test('nobody waits for an issuer that has become slow while the keys are good', async () => {
    const slow = createDoor(issuer.url, { fetchTimeoutMs: 60_000 });
    expect(await slow.verdict(good)).toBe('caller');
    const next = await createSigningKey('k2');
    const asked = Promise.withResolvers<() => void>();
    issuer.behave((_, response) => {
      asked.resolve(() => sendKeys(response, [next.jwk]));
    });
    slow.advance(keysAheadMs);
    expect(await slow.verdict(good)).toBe('caller');
    const answer = await asked.promise;
    expect(await slow.verdict(good)).toBe('caller');
    answer();
    await vi.waitFor(async () => expect(await slow.verdict(good)).toBe('identify/token-signature'));
    expect(issuer.hits()).toBe(2);
    await slow.close();
  });

  test('a redirect is not followed', async () => {
    const elsewhere = await startIssuer([key.jwk]);
    try {
      for (const status of [301, 302, 303, 307, 308]) {
        issuer.behave((_, response) => {
          response.writeHead(status, { location: elsewhere.url }).end();
        });
        expect(await door.verdict(good)).toBe('identify/keys-unavailable');
        door.advance(keysRetryMs);
      }
      expect([issuer.hits(), elsewhere.hits()]).toEqual([5, 0]);
    } finally {
      await elsewhere.close();
    }
  });

  const outages = evil.filter(({ name }) => !/keys for encryption|no keys|broken|short/.test(name));
  test.each(outages)(
    'an issuer that later $name leaves the keys as they were',
    async ({ given }) => {
      expect(await door.verdict(good)).toBe('caller');
      issuer.behave(given);
      door.advance(keysFreshMs);
      expect(await door.verdict(good)).toBe('caller');
      const hits = issuer.hits();
      door.advance(keysCooldownMs - 1);
      expect(await door.verdict(good)).toBe('caller');
      expect(issuer.hits()).toBe(hits);
      door.advance(1);
      expect(await door.verdict(good)).toBe('caller');
      await vi.waitFor(() => expect(issuer.hits()).toBe(hits + 1));
    },
  );

  test('a rotation is seen by the first token of the new key', async () => {
    const next = await createSigningKey('k2');
    expect(await door.verdict(good)).toBe('caller');
    issuer.publish([key.jwk, next.jwk]);
    door.advance(keysCooldownMs);
    expect(await door.verdict(await signToken({ key: next }))).toBe('caller');
    expect(await door.verdict(good)).toBe('caller');
    expect(issuer.hits()).toBe(2);
  });

  test.each([
    { name: 'is not named', kid: undefined },
    { name: 'has the name of the old one', kid: 'k1' },
  ])('a rotation is seen by the first token of a new key that $name', async ({ kid }) => {
    const next = await createSigningKey('k1');
    const named = ({ jwk: { kid: _, ...jwk } }: SigningKey) => ({ ...jwk, ...(kid && { kid }) });
    const sign = (one: SigningKey) => signToken({ key: one, header: { kid } });
    issuer.publish([named(key)]);
    const old = await sign(key);
    expect(await door.verdict(old)).toBe('caller');
    issuer.publish([named(next)]);
    door.advance(keysCooldownMs);
    expect(await door.verdict(await sign(next))).toBe('caller');
    expect(await door.verdict(old)).toBe('identify/token-signature');
    expect(issuer.hits()).toBe(2);
  });

  test('closing ends a reading that hangs', async () => {
    const slow = createDoor(issuer.url, { fetchTimeoutMs: 60_000 });
    const asked = Promise.withResolvers<void>();
    issuer.behave(() => asked.resolve());
    const verdict = slow.verdict(good);
    await asked.promise;
    await slow.close();
    expect(await verdict).toBe('identify/keys-unavailable');
  });
});
