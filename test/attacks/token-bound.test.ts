/**
 * Tokens that are bound to a key or a certificate, in the hands of whoever copied them: without the
 * proof, with a proof made for something else, with one that was sent before.
 */
import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { proofAheadMs, proofBytesMax, proofKeepMs } from '../../gateway/identify/dpop-proof.ts';
import { createReplayStore } from '../../gateway/identify/replay-store.ts';
import {
  createDoor,
  createSigningKey,
  type Issuer,
  type SigningKey,
  signToken,
  startIssuer,
  startMs,
  toVerdict,
} from '../identify/loopback-issuer.ts';

interface Holder {
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
  readonly thumbprint: string;
}

const url = 'https://api.example/graphql';
const maxAgeMs = 60_000;
let key: SigningKey;
let issuer: Issuer;
let holder: Holder;
let thief: Holder;
let bound: string;
let serial = 0;

async function createHolder(alg = 'ES256'): Promise<Holder> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk = await exportJWK(publicKey);
  return { privateKey, jwk, thumbprint: await calculateJwkThumbprint(jwk) };
}

beforeAll(async () => {
  [key, holder, thief] = await Promise.all([
    createSigningKey('k1'),
    createHolder(),
    createHolder(),
  ]);
  issuer = await startIssuer([key.jwk]);
  bound = await signToken({ key, claims: { cnf: { jkt: holder.thumbprint } } });
});
afterAll(() => issuer.close());

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

interface ProofParts {
  readonly by?: Holder;
  readonly header?: Record<string, unknown>;
  readonly claims?: Record<string, unknown>;
}

function prove({ by = holder, header = {}, claims = {} }: ProofParts = {}): Promise<string> {
  serial += 1;
  return new SignJWT({
    htm: 'POST',
    htu: url,
    iat: startMs / 1000,
    jti: `proof-${serial}`,
    ath: hashOf(bound),
    ...claims,
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: by.jwk, ...header })
    .sign(by.privateKey, { crit: { x: true } });
}

function open(options: Parameters<typeof createDoor>[1] = {}) {
  const door = createDoor(issuer.url, { more: { dpop: { url, maxAgeMs } }, ...options });
  onTestFinished(() => door.close());
  return {
    ...door,
    send: async (raw: string[], more: { method?: string; certificate?: string } = {}) =>
      toVerdict(await door.step.identify({ raw, method: 'POST', ...more })),
  };
}

const now = startMs / 1000;
const proofs: { name: string; given?: ProofParts; expect?: string }[] = [
  { name: 'control', expect: 'caller' },
  {
    name: 'by another key',
    given: {
      get by() {
        return thief;
      },
    },
  },
  {
    name: 'by another key, naming the right one',
    given: {
      get by() {
        return { ...thief, jwk: holder.jwk };
      },
    },
  },
  { name: 'another method', given: { claims: { htm: 'GET' } } },
  { name: 'the method in other letters', given: { claims: { htm: 'post' } } },
  { name: 'another host', given: { claims: { htu: 'https://api.example.evil/graphql' } } },
  { name: 'another path', given: { claims: { htu: 'https://api.example/graphql/' } } },
  { name: 'another scheme', given: { claims: { htu: 'http://api.example/graphql' } } },
  { name: 'another port', given: { claims: { htu: 'https://api.example:8443/graphql' } } },
  { name: 'no URL', given: { claims: { htu: '/graphql' } } },
  { name: 'no htu', given: { claims: { htu: undefined } } },
  { name: 'a list of URLs', given: { claims: { htu: [url] } } },
  {
    name: 'control: the default port, host in capitals, a query',
    given: { claims: { htu: 'https://API.example:443/graphql?a=1#b' } },
    expect: 'caller',
  },
  { name: 'another token', given: { claims: { ath: hashOf('another') } } },
  { name: 'no token', given: { claims: { ath: undefined } } },
  { name: 'too old', given: { claims: { iat: now - maxAgeMs / 1000 - 1 } } },
  {
    name: 'control: old enough',
    given: { claims: { iat: now - maxAgeMs / 1000 } },
    expect: 'caller',
  },
  { name: 'of the future', given: { claims: { iat: now + proofAheadMs / 1000 + 1 } } },
  {
    name: 'control: not over yet, and valid from now on by a clock that is ahead',
    given: { claims: { exp: now + 1, nbf: now + proofAheadMs / 1000 } },
    expect: 'caller',
  },
  { name: 'over', given: { claims: { exp: now - proofAheadMs / 1000 } } },
  { name: 'not valid yet', given: { claims: { nbf: now + proofAheadMs / 1000 + 1 } } },
  { name: 'of no time', given: { claims: { iat: undefined } } },
  { name: 'a time as text', given: { claims: { iat: String(now) } } },
  { name: 'no jti', given: { claims: { jti: undefined } } },
  { name: 'an empty jti', given: { claims: { jti: '' } } },
  { name: 'an endless jti', given: { claims: { jti: 'j'.repeat(257) } } },
  { name: 'a jti that is no text', given: { claims: { jti: 1 } } },
  { name: 'no proof but a token', given: { header: { typ: 'JWT' } } },
  { name: 'typ in other letters', given: { header: { typ: 'DPOP+JWT' } } },
  { name: 'no typ', given: { header: { typ: undefined } } },
  { name: 'critical words', given: { header: { crit: ['x'], x: 1 } } },
  { name: 'a body that is not encoded, by its word', given: { header: { b64: false } } },
  { name: 'no key', given: { header: { jwk: undefined } } },
  {
    name: 'a key that is none',
    given: { header: { jwk: { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' } } },
  },
  { name: 'a key of a kind nobody knows', given: { header: { jwk: { kty: 'XX' } } } },
  ...['d', 'k', 'priv'].map((secret) => ({
    name: `a key that is not public: ${secret}`,
    given: {
      get header() {
        return { jwk: { ...holder.jwk, [secret]: 'AAAA' } };
      },
    },
  })),
  { name: 'too long', given: { claims: { more: 'x'.repeat(proofBytesMax) } } },
];

describe('a DPoP proof', () => {
  test.each(proofs)('$name', async ({ given, expect: expected = 'identify/proof' }) => {
    const { send } = open();
    expect(await send(['Authorization', `DPoP ${bound}`, 'DPoP', await prove(given)])).toBe(
      expected,
    );
  });

  test.each(['', 'a.b.c', 'x', '..'])('garbage "%s"', async (proof) => {
    const { send } = open();
    expect(await send(['Authorization', `DPoP ${bound}`, 'DPoP', proof])).toBe('identify/proof');
  });

  test('by a secret that everybody knows', async () => {
    const jwk = { kty: 'oct', k: 'AAAA' };
    const jkt = await calculateJwkThumbprint(jwk);
    const token = await signToken({ key, claims: { cnf: { jkt } } });
    const proof = await new SignJWT({
      htm: 'POST',
      htu: url,
      iat: now,
      jti: 'j',
      ath: hashOf(token),
    })
      .setProtectedHeader({ alg: 'HS256', typ: 'dpop+jwt', jwk })
      .sign(Buffer.alloc(32));
    expect(await open().send(['Authorization', `DPoP ${token}`, 'DPoP', proof])).toBe(
      'identify/proof',
    );
  });

  test('is good once, also for a token that is remembered', async () => {
    const { send, advance } = open();
    const proof = await prove();
    const raw = ['Authorization', `DPoP ${bound}`, 'DPoP', proof];
    expect(await send(raw)).toBe('caller');
    expect(await send(raw)).toBe('identify/proof-replayed');
    advance(maxAgeMs);
    expect(await send(raw)).toBe('identify/proof-replayed');
    expect(await send(['Authorization', `DPoP ${bound}`, 'DPoP', await prove()])).toBe('caller');
  });

  test('is good once of many at the same time', async () => {
    const { send } = open();
    const raw = ['Authorization', `DPoP ${bound}`, 'DPoP', await prove()];
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => send(raw)));
    expect(verdicts.filter((one) => one === 'caller').length).toBe(1);
  });

  test('does not come back with a clock that is put back when it was forgotten', async () => {
    let forgetMs = 0;
    const replays = createReplayStore(proofKeepMs({ maxAgeMs }), () => forgetMs);
    const { send, advance } = open({ replays });
    const pass = (ms: number): void => {
      advance(ms);
      forgetMs += ms;
    };
    const show = (proof: string) => send(['Authorization', `DPoP ${bound}`, 'DPoP', proof]);
    const proveAt = (ms: number) => prove({ claims: { iat: now + ms / 1000 } });
    const forgottenMs = 2 * proofKeepMs({ maxAgeMs });
    const proof = await proveAt(0);
    expect(await show(proof)).toBe('caller');
    pass(forgottenMs);
    expect(await show(await proveAt(forgottenMs))).toBe('caller');
    advance(-forgottenMs);
    expect(await show(proof)).toBe('identify/proof-replayed');
    expect(await show(await proveAt(1000))).toBe('caller');
  });

  test('finds no room where too many are remembered', async () => {
    const { send } = open({ replayLimits: { entriesMax: 2, entriesPerGroupMax: 2 } });
    const use = async () => send(['Authorization', `DPoP ${bound}`, 'DPoP', await prove()]);
    expect([await use(), await use(), await use()]).toEqual([
      'caller',
      'caller',
      'identify/proof-store-full',
    ]);
  });
});

const hash = createHash('sha256').update('a certificate').digest('base64url');
const other = createHash('sha256').update('another').digest('base64url');
const bindings: {
  name: string;
  cnf: unknown;
  scheme?: string;
  certificate?: string;
  expect: string;
}[] = [
  { name: 'control: none', cnf: undefined, expect: 'caller' },
  {
    name: 'none, sent as if there were one',
    cnf: undefined,
    scheme: 'DPoP',
    expect: 'identify/token-binding',
  },
  {
    name: 'control: the certificate',
    cnf: { 'x5t#S256': hash },
    certificate: hash,
    expect: 'caller',
  },
  {
    name: 'another certificate',
    cnf: { 'x5t#S256': hash },
    certificate: other,
    expect: 'identify/token-binding',
  },
  { name: 'no certificate', cnf: { 'x5t#S256': hash }, expect: 'identify/token-binding' },
  {
    name: 'a certificate, as a proof',
    cnf: { 'x5t#S256': hash },
    scheme: 'DPoP',
    certificate: hash,
    expect: 'identify/token-binding',
  },
  { name: 'an empty thumbprint', cnf: { 'x5t#S256': '' }, expect: 'identify/token-binding' },
  { name: 'a key, sent as Bearer', cnf: { jkt: other }, expect: 'identify/token-binding' },
  { name: 'a word nobody knows', cnf: { kid: 'a' }, expect: 'identify/token-binding' },
  {
    name: 'a known word beside it',
    cnf: { 'x5t#S256': hash, jku: 'https://x' },
    certificate: hash,
    expect: 'identify/token-binding',
  },
  { name: 'an embedded key', cnf: { jwk: {} }, expect: 'identify/token-binding' },
  { name: 'nothing in it', cnf: {}, expect: 'identify/token-binding' },
  { name: 'null', cnf: null, expect: 'identify/token-binding' },
  { name: 'a list', cnf: [{ jkt: other }], expect: 'identify/token-binding' },
  { name: 'text', cnf: other, expect: 'identify/token-binding' },
];

describe('a binding', () => {
  test.each(bindings)(
    '$name',
    async ({ cnf, scheme = 'Bearer', certificate, expect: expected }) => {
      const { send } = open();
      const token = await signToken({ key, claims: { cnf } });
      const shown = certificate === undefined ? {} : { certificate };
      // Twice: what is remembered has to be proven again.
      expect(await send(['Authorization', `${scheme} ${token}`], shown)).toBe(expected);
      expect(await send(['Authorization', `${scheme} ${token}`], shown)).toBe(expected);
    },
  );

  test('what its owner has proven is nothing to a thief', async () => {
    const { send } = open();
    const token = await signToken({ key, claims: { cnf: { 'x5t#S256': hash } } });
    expect(await send(['Authorization', `Bearer ${token}`], { certificate: hash })).toBe('caller');
    expect(await send(['Authorization', `Bearer ${token}`])).toBe('identify/token-binding');
    expect(await send(['Authorization', `DPoP ${bound}`, 'DPoP', await prove()])).toBe('caller');
    expect(await send(['Authorization', `Bearer ${bound}`])).toBe('identify/token-binding');
    expect(await send(['Authorization', `Bearer ${bound}`, 'DPoP', await prove()])).toBe(
      'identify/token-binding',
    );
    expect(await send(['Authorization', `DPoP ${bound}`])).toBe('identify/proof');
  });

  test('of two kinds needs both', async () => {
    const { send } = open();
    const cnf = { jkt: holder.thumbprint, 'x5t#S256': hash };
    const token = await signToken({ key, claims: { cnf } });
    const raw = async () => [
      'Authorization',
      `DPoP ${token}`,
      'DPoP',
      await prove({ claims: { ath: hashOf(token) } }),
    ];
    expect(await send(await raw(), { certificate: hash })).toBe('caller');
    expect(await send(await raw(), { certificate: other })).toBe('identify/token-binding');
    expect(await send(['Authorization', `DPoP ${token}`], { certificate: hash })).toBe(
      'identify/proof',
    );
  });

  test('to a key is refused where no proofs are configured', async () => {
    const { send } = open({ more: {} });
    expect(await send(['Authorization', `DPoP ${bound}`, 'DPoP', await prove()])).toBe(
      'identify/token-binding',
    );
  });
});

describe('the memory of proofs', () => {
  test('keeps each for as long as it is usable, and none for ever', () => {
    let nowMs = 0;
    const store = createReplayStore(100, () => nowMs, {
      entriesMax: 1000,
      entriesPerGroupMax: 1000,
    });
    for (; nowMs < 5000; nowMs += 7) {
      const take = (issuedAtMs: number) =>
        store.take({ id: String(issuedAtMs), group: 'g', issuedAtMs });
      expect(take(nowMs)).toBe('new');
      expect(take(Math.max(0, nowMs - 98))).toBe('replayed');
      expect(store.size).toBeLessThanOrEqual(32);
    }
  });

  test('one holder does not fill it for all', () => {
    const store = createReplayStore(100, () => 0, { entriesMax: 10, entriesPerGroupMax: 2 });
    const take = (id: string, group: string) => store.take({ id, group, issuedAtMs: 0 });
    expect(['a', 'b', 'c'].map((id) => take(id, 'greedy'))).toEqual(['new', 'new', 'full']);
    expect(take('d', 'other')).toBe('new');
  });
});
