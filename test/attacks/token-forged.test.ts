/**
 * Tokens that the issuer did not sign for us: the ways a token's own header tries to choose how and
 * by whose key it is checked (RFC 8725). None may become a caller, and none may
 * become the anonymous caller either.
 */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportSPKI, importJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tokenBytesMax } from '../../gateway/identify/credential.ts';
import {
  createDoor,
  createSigningKey,
  type Door,
  forgeToken,
  type Issuer,
  type SigningKey,
  signTexts,
  signToken,
  startIssuer,
  startMs,
  toVerdict,
} from '../identify/loopback-issuer.ts';

let rsa: SigningKey;
let stranger: SigningKey;
let issuer: Issuer;
let door: Door;

beforeAll(async () => {
  [rsa, stranger] = await Promise.all([
    createSigningKey('k1', 'RS256'),
    createSigningKey('k1', 'RS256'),
  ]);
  issuer = await startIssuer([rsa.jwk]);
  door = createDoor(issuer.url, { anonymous: 'allow' });
});
afterAll(async () => {
  await door.close();
  await issuer.close();
});

const now = startMs / 1000;
const claims = { iss: 'https://idp.example', aud: 'graph', sub: 'user-1', exp: now + 300 };

async function sign(header: Record<string, unknown>) {
  return signToken({ key: rsa, header });
}

/** Signed by HMAC with what everybody knows: the issuer's public key. */
async function signWithPublicKey(alg: string): Promise<string> {
  const key = await importJWK({ ...rsa.jwk }, 'RS256', { extractable: true });
  if (key instanceof Uint8Array) throw new Error('not a public key');
  const secret = await exportSPKI(key);
  const input = forgeToken({ alg, kid: 'k1' }, claims, '').slice(0, -1);
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

const signText = (header: string) => signTexts(rsa, header, JSON.stringify(claims));

const cases: { name: string; given: () => Promise<string> | string; expect: string }[] = [
  { name: 'control: a good token', given: () => sign({}), expect: 'caller' },
  {
    name: 'control: a good token, signed by hand',
    given: () => signText('{"alg":"RS256","kid":"k1"}'),
    expect: 'caller',
  },
  ...['none', 'None', 'NONE', ''].map((alg) => ({
    name: `alg "${alg}"`,
    given: () => forgeToken({ alg, kid: 'k1' }, claims, ''),
    expect: 'identify/token-algorithm',
  })),
  {
    name: 'no alg',
    given: () => forgeToken({ kid: 'k1' }, claims),
    expect: 'identify/token-algorithm',
  },
  {
    name: 'alg list',
    given: () => forgeToken({ alg: ['RS256'] }, claims),
    expect: 'identify/token-algorithm',
  },
  {
    name: 'alg __proto__',
    given: () => forgeToken({ alg: '__proto__' }, claims),
    expect: 'identify/token-algorithm',
  },
  {
    name: 'HS256 with the public key',
    given: () => signWithPublicKey('HS256'),
    expect: 'identify/token-algorithm',
  },
  {
    name: 'HS256 named RS256',
    given: () => signWithPublicKey('RS256'),
    expect: 'identify/token-signature',
  },
  {
    name: 'algorithm not pinned',
    given: () => forgeToken({ alg: 'RS512', kid: 'k1' }, claims),
    expect: 'identify/token-algorithm',
  },
  {
    name: 'key of another type',
    given: () => forgeToken({ alg: 'EdDSA', kid: 'k1' }, claims),
    expect: 'identify/token-signature',
  },
  {
    name: 'stripped signature',
    given: async () => (await sign({})).replace(/[^.]*$/, ''),
    expect: 'identify/token-signature',
  },
  {
    name: 'signed by a stranger',
    given: () => signToken({ key: stranger }),
    expect: 'identify/token-signature',
  },
  {
    name: 'embedded jwk',
    given: () => signToken({ key: stranger, header: { jwk: stranger.jwk } }),
    expect: 'identify/token-signature',
  },
  {
    name: 'embedded jwk, no kid',
    given: () => signToken({ key: stranger, header: { kid: undefined, jwk: stranger.jwk } }),
    expect: 'identify/token-signature',
  },
  {
    name: 'embedded certificate',
    given: () => signToken({ key: stranger, header: { x5c: ['MIIB'] } }),
    expect: 'identify/token-signature',
  },
  {
    name: 'kid as path',
    given: () => signToken({ key: stranger, header: { kid: '../../dev/null' } }),
    expect: 'identify/token-signature',
  },
  {
    name: 'kid no text',
    given: () => signToken({ key: stranger, header: { kid: ['k1'] } }),
    expect: 'identify/token-malformed',
  },
  {
    name: 'crit empty',
    given: () => signText('{"alg":"RS256","kid":"k1","crit":[]}'),
    expect: 'identify/token-malformed',
  },
  {
    name: 'crit null',
    given: () => signText('{"alg":"RS256","kid":"k1","crit":null}'),
    expect: 'identify/token-malformed',
  },
  {
    name: 'crit unknown',
    given: () => sign({ crit: ['exp'], exp: now + 300 }),
    expect: 'identify/token-malformed',
  },
  {
    name: 'crit known, b64 true',
    given: () => sign({ crit: ['b64'], b64: true }),
    expect: 'identify/token-malformed',
  },
  {
    name: 'b64 false',
    given: () => signText('{"alg":"RS256","kid":"k1","b64":false,"crit":["b64"]}'),
    expect: 'identify/token-malformed',
  },
  {
    name: 'b64 false without crit',
    given: () => signText('{"alg":"RS256","kid":"k1","b64":false}'),
    expect: 'identify/token-malformed',
  },
  {
    name: 'oversized',
    given: () => 'a'.repeat(tokenBytesMax + 1),
    expect: 'identify/token-too-large',
  },
  { name: 'garbage', given: () => '!!!.???.###', expect: 'identify/token-malformed' },
  {
    name: 'garbage in the alphabet',
    given: () => 'aaaa.bbbb.cccc',
    expect: 'identify/token-malformed',
  },
  { name: 'header of one letter', given: () => 'a.b.c', expect: 'identify/token-malformed' },
  { name: 'header list', given: () => forgeToken([], claims), expect: 'identify/token-malformed' },
  {
    name: 'header null',
    given: () => forgeToken(null, claims),
    expect: 'identify/token-malformed',
  },
  { name: 'padded', given: async () => `${await sign({})}==`, expect: 'identify/token-malformed' },
  {
    name: 'standard base64',
    given: async () => `${await sign({})}+/`,
    expect: 'identify/token-malformed',
  },
  { name: 'encrypted form', given: () => 'a.b.c.d.e', expect: 'identify/token-malformed' },
];

describe('forged tokens', () => {
  test.each(cases)('$name', async ({ given, expect: expected }) => {
    expect(await door.verdict(await given())).toBe(expected);
  });

  test('addresses in a header are never asked', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end(JSON.stringify({ keys: [stranger.jwk] }));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    try {
      for (const name of ['jku', 'x5u']) {
        const header = { alg: 'RS256', kid: 'k1', [name]: url };
        const token = await new SignJWT(claims)
          .setProtectedHeader(header)
          .sign(stranger.privateKey);
        expect(await door.verdict(token)).toBe('identify/token-signature');
      }
      expect(asked).toBe(0);
    } finally {
      server.close();
    }
  });

  test('a private or symmetric key that the issuer published by mistake verifies nothing', async () => {
    const secret = Buffer.alloc(32, 7);
    const leaky = await startIssuer([
      rsa.jwk,
      { kty: 'oct', k: secret.toString('base64url'), alg: 'HS256', kid: 'shared' },
      { ...(await createSigningKey('weak')).jwk, d: 'AAAA' },
    ]);
    const other = createDoor(leaky.url);
    try {
      const token = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'shared' })
        .sign(secret);
      expect(await other.verdict(token)).toBe('identify/token-algorithm');
      expect(await other.verdict(await sign({}))).toBe('caller');
      expect(other.problems.filter((problem) => problem.includes('private key'))).toHaveLength(1);
    } finally {
      await other.close();
      await leaky.close();
    }
  });

  test('two credentials are refused, whichever is the good one', async () => {
    const good = `Bearer ${await sign({})}`;
    const bad = 'Bearer a.b.c';
    for (const [first, second] of [
      [good, bad],
      [bad, good],
      [good, good],
    ] as const) {
      const raw = ['Authorization', first, 'authorization', second];
      expect(toVerdict(await door.step.identify({ raw }))).toBe('identify/two-credentials');
    }
  });
});
