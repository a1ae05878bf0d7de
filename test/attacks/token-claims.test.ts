/**
 * Tokens that the issuer did sign, but not for us, not for now, or not as tokens for an API: the
 * signature alone must not let them in (RFC 8725, 3.8 to 3.12).
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createDoor,
  createSigningKey,
  type Door,
  type Issuer,
  type SigningKey,
  signTexts,
  signToken,
  startIssuer,
  startMs,
} from '../identify/loopback-issuer.ts';

let rsa: SigningKey;
let issuer: Issuer;
let door: Door;

beforeAll(async () => {
  rsa = await createSigningKey('k1', 'RS256');
  issuer = await startIssuer([rsa.jwk]);
  door = createDoor(issuer.url, { anonymous: 'allow' });
});
afterAll(async () => {
  await door.close();
  await issuer.close();
});

const now = startMs / 1000;
const claims = { iss: 'https://idp.example', aud: 'graph', sub: 'user-1', exp: now + 300 };
const infinite = JSON.stringify(claims).replace(/"exp":\d+/, '"exp":1e999');

function sign(header: Record<string, unknown>, more: Record<string, unknown> = {}) {
  return signToken({ key: rsa, header, claims: more });
}

const signText = (text: string) => signTexts(rsa, '{"alg":"RS256","kid":"k1"}', text);

const cases: { name: string; given: () => Promise<string>; expect: string }[] = [
  { name: 'control: a good token', given: () => sign({}), expect: 'caller' },
  {
    name: 'token of another purpose',
    given: () => sign({ typ: 'logout+jwt' }),
    expect: 'identify/token-claims',
  },
  { name: 'typ no text', given: () => sign({ typ: 1 }), expect: 'identify/token-claims' },
  {
    name: 'other issuer',
    given: () => sign({}, { iss: 'https://idp.example/' }),
    expect: 'identify/token-claims',
  },
  {
    name: 'issuer list',
    given: () => sign({}, { iss: ['https://idp.example'] }),
    expect: 'identify/token-claims',
  },
  { name: 'no issuer', given: () => sign({}, { iss: undefined }), expect: 'identify/token-claims' },
  {
    name: 'other audience',
    given: () => sign({}, { aud: 'graphs' }),
    expect: 'identify/token-claims',
  },
  {
    name: 'audience object',
    given: () => sign({}, { aud: { graph: true } }),
    expect: 'identify/token-claims',
  },
  {
    name: 'no audience',
    given: () => sign({}, { aud: undefined }),
    expect: 'identify/token-claims',
  },
  {
    name: 'nbf in the future',
    given: () => sign({}, { nbf: now + 6 }),
    expect: 'identify/token-claims',
  },
  {
    name: 'nbf text',
    given: () => sign({}, { nbf: String(now) }),
    expect: 'identify/token-claims',
  },
  { name: 'expired', given: () => sign({}, { exp: now - 5 }), expect: 'identify/token-expired' },
  {
    name: 'exp text',
    given: () => sign({}, { exp: '9999999999' }),
    expect: 'identify/token-claims',
  },
  { name: 'no exp', given: () => sign({}, { exp: undefined }), expect: 'identify/token-claims' },
  { name: 'claims list', given: () => signText('[]'), expect: 'identify/token-malformed' },
  {
    name: 'claims not JSON',
    given: () => signText('{'),
    expect: 'identify/token-malformed',
  },
  {
    name: 'expiry infinite',
    given: () => signText(infinite),
    expect: 'identify/token-claims',
  },
];

describe('signed tokens that are not for us', () => {
  test.each(cases)('$name', async ({ given, expect: expected }) => {
    expect(await door.verdict(await given())).toBe(expected);
  });
});
