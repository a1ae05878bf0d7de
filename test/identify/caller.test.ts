import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Refusal } from '../../gateway/decision.ts';
import { createIdentify } from '../../gateway/identify/caller.ts';
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
  toVerdict,
} from './loopback-issuer.ts';

let key: SigningKey;
let rsa: SigningKey;
let issuer: Issuer;
const doors: Door[] = [];

function open(...given: Parameters<typeof createDoor>): Door {
  const door = createDoor(...given);
  doors.push(door);
  return door;
}

beforeAll(async () => {
  [key, rsa] = await Promise.all([createSigningKey('k1'), createSigningKey('k2', 'RS256')]);
  issuer = await startIssuer([key.jwk, rsa.jwk]);
});
afterEach(() => Promise.all(doors.splice(0).map((door) => door.close())));
afterAll(() => issuer.close());

const now = startMs / 1000;
const cases: { name: string; given: Parameters<typeof signToken>[0]['claims']; expect: string }[] =
  [
    { name: 'good', given: {}, expect: 'caller' },
    { name: 'no subject', given: { sub: undefined }, expect: 'caller' },
    { name: 'one audience of several', given: { aud: ['other', 'graph'] }, expect: 'caller' },
    { name: 'expired within leeway', given: { exp: now - 4 }, expect: 'caller' },
    { name: 'expired past leeway', given: { exp: now - 5 }, expect: 'identify/token-expired' },
    { name: 'no expiry', given: { exp: undefined }, expect: 'identify/token-claims' },
    { name: 'not yet, within leeway', given: { nbf: now + 5 }, expect: 'caller' },
  ];

describe('identify', () => {
  test.each(cases)('token: $name', async ({ given, expect: expected }) => {
    const token = await signToken({ key, claims: given ?? {} });
    expect(await open(issuer.url).verdict(token)).toBe(expected);
  });

  const types: { name: string; given: string | undefined; expect: string }[] = [
    { name: 'absent', given: undefined, expect: 'caller' },
    { name: 'JWT', given: 'JWT', expect: 'caller' },
    { name: 'at+jwt', given: 'AT+jwt', expect: 'caller' },
    { name: 'with prefix', given: 'application/at+jwt', expect: 'caller' },
    { name: 'logout', given: 'logout+jwt', expect: 'identify/token-claims' },
    { name: 'proof', given: 'dpop+jwt', expect: 'identify/token-claims' },
  ];
  test.each(types)('typ: $name', async ({ given, expect: expected }) => {
    const token = await signToken({ key, header: { typ: given } });
    expect(await open(issuer.url).verdict(token)).toBe(expected);
  });

  test('says who calls', async () => {
    const claims = { azp: 'portal', roles: ['manager'], tenant_id: 't1' };
    const caller = await open(issuer.url).use(await signToken({ key: rsa, claims }));
    expect(caller).toMatchObject({
      kind: 'token',
      issuer: 'https://idp.example',
      subject: 'user-1',
      client: 'portal',
      expiresAt: now + 300,
    });
    if (caller instanceof Refusal) throw new Error(caller.reason);
    expect([[...caller.scopes], [...caller.roles]]).toEqual([['hr:read'], ['manager']]);
    expect(caller.claims.tenant_id).toBe('t1');
  });

  test('nobody without a credential, or the anonymous caller where allowed', async () => {
    const refused = await open(issuer.url).step.identify({ raw: [] });
    expect(toVerdict(refused)).toBe('identify/missing');
    const { step } = open(issuer.url, { anonymous: 'allow' });
    const first = await step.identify({ raw: [] });
    expect(first).toMatchObject({ kind: 'anonymous', subject: undefined, claims: {} });
    expect(await step.identify({ raw: ['x-api-key', 'k'] })).toBe(first);
  });

  test('without an issuer every token is refused, though anonymous callers are allowed', async () => {
    const step = createIdentify({ anonymous: 'allow', now: () => startMs });
    const token = await signToken({ key });
    const outcome = await step.identify({ raw: ['Authorization', `Bearer ${token}`] });
    expect(toVerdict(outcome)).toBe('identify/token-claims');
  });

  test('keys whose reading a close breaks off are not complained of', async () => {
    const told: string[] = [];
    const step = createIdentify(
      {
        now: () => startMs,
        jwt: [
          {
            issuer: 'https://a.test',
            audience: 'graph',
            jwks: 'https://a.test/keys',
            algorithms: ['ES256'],
            scopes: 'scope',
            roles: 'roles',
            client: 'azp',
            leewayMs: 0,
          },
        ],
        anonymous: 'refuse',
        apiKeys: { file: '/nowhere/keys.yaml', header: 'x-api-key', reloadMs: 5000 },
      },
      {
        report: (problem) => told.push(problem),
        fetchKeys: (_location, signal) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
      },
    );
    await expect(step.ready()).rejects.toThrow('cannot read the file');
    await step.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(told).toEqual([]);
  });

  test('a token seen before is the same caller, at once, without the issuer', async () => {
    const door = open(issuer.url);
    const token = await signToken({ key });
    const first = await door.use(token);
    const hits = issuer.hits();
    const again = door.step.identify({ raw: ['authorization', `bearer ${token}`] });
    expect(again).toBe(first);
    expect(issuer.hits()).toBe(hits);
  });

  test('concurrent first uses share one reading of the keys and one caller', async () => {
    const door = open(issuer.url);
    const token = await signToken({ key });
    const hits = issuer.hits();
    const callers = await Promise.all(Array.from({ length: 20 }, () => door.use(token)));
    expect(new Set(callers).size).toBe(1);
    expect(issuer.hits()).toBe(hits + 1);
  });

  test('the cache is bounded by entries and by bytes', async () => {
    const tokens = await Promise.all(
      ['a', 'b', 'c'].map((sub) => signToken({ key, claims: { sub } })),
    );
    for (const cacheLimits of [
      { entriesMax: 2, bytesMax: 1_000_000 },
      { entriesMax: 10, bytesMax: 5000 },
    ]) {
      const door = open(issuer.url, { cacheLimits });
      const first = await Promise.all(tokens.map((token) => door.use(token)));
      const immediate = tokens.map((token) =>
        door.step.identify({ raw: ['Authorization', `Bearer ${token}`] }),
      );
      await Promise.all(immediate);
      expect(first.every((caller) => !(caller instanceof Refusal))).toBe(true);
      expect(immediate.filter((outcome) => !(outcome instanceof Promise)).length).toBe(2);
    }
  });

  const algorithms = ['none', 'HS256', 'dir', ''];
  test.each(algorithms)('a configuration with algorithm "%s" is refused', (algorithm) => {
    expect(() => createDoor('keys.json', { jwt: { algorithms: [algorithm] } })).toThrow(TypeError);
  });

  const incomplete = [{ algorithms: [] }, { issuer: '' }, { audience: '' }, { audience: [] }];
  test.each(incomplete)('a configuration with %o is refused', (jwt) => {
    expect(() => createDoor('keys.json', { jwt })).toThrow(TypeError);
  });

  test('keys from a file are read again for an unknown key, after the cooldown', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'keys-'));
    const file = join(directory, 'jwks.json');
    try {
      await writeFile(file, JSON.stringify({ keys: [key.jwk] }));
      const door = open(file);
      const token = await signToken({ key: rsa });
      expect(await door.verdict(await signToken({ key }))).toBe('caller');
      await writeFile(file, JSON.stringify({ keys: [rsa.jwk] }));
      expect(await door.verdict(token)).toBe('identify/token-signature');
      door.advance(keysCooldownMs);
      expect(await door.verdict(token)).toBe('caller');
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('a file of keys is read again when it changes; a bad one leaves the keys as they were', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'keys-'));
    const file = join(directory, 'jwks.json');
    try {
      await writeFile(file, JSON.stringify({ keys: [key.jwk] }));
      const door = open(file);
      const old = await signToken({ key, claims: { exp: now + 1_000_000 } });
      expect(await door.verdict(old)).toBe('caller');
      for (const bad of ['{', '[]', '']) {
        await writeFile(file, bad);
        door.advance(keysFreshMs + keysStaleMs);
        expect(await door.verdict(old)).toBe('caller');
      }
      await rm(file);
      door.advance(10_000);
      expect(await door.verdict(old)).toBe('caller');
      expect(door.problems.length).toBeGreaterThan(2);
      await writeFile(file, JSON.stringify({ keys: [rsa.jwk] }));
      door.advance(5000);
      expect(await door.verdict(old)).toBe('identify/token-signature');
    } finally {
      await rm(directory, { recursive: true });
    }
  });

  test('ready names what is wrong with the keys', async () => {
    await expect(open(issuer.url).step.ready()).resolves.toBeUndefined();
    const door = open(join(tmpdir(), 'no-such-keys.json'));
    await expect(door.step.ready()).rejects.toThrow('no-such-keys.json');
    expect(await door.verdict(await signToken({ key }))).toBe('identify/keys-unavailable');
  });

  test('a token without kid is tried with each fitting key', async () => {
    const other = await createSigningKey('k9');
    const { kid: _, ...bare } = key.jwk;
    const several = await startIssuer([other.jwk, bare, rsa.jwk]);
    try {
      const door = open(several.url);
      const header = { kid: undefined };
      expect(await door.verdict(await signToken({ key, header }))).toBe('caller');
      const stranger = await signToken({ key: await createSigningKey('k1'), header });
      expect(await door.verdict(stranger)).toBe('identify/token-signature');
    } finally {
      await several.close();
    }
  });
});
