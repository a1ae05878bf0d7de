/** Tokens for callers that tests make up, and the keys that they are signed with. */
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose';

/** Absent: anonymous. */
export interface TestCaller {
  scopes?: string[];
  roles?: string[];
  claims?: Record<string, unknown>;
  client?: string;
  subject?: string;
}

export const issuer = 'https://idp.example.test';
export const audience = 'graph';

export interface TestKeys {
  readonly text: string;
  readonly privateKey: CryptoKey;
}

let sharedKeys: Promise<TestKeys> | undefined;

/** One key pair for all gateways of a test run. */
export function testKeys(): Promise<TestKeys> {
  sharedKeys ??= generateKeyPair('ES256', { extractable: true }).then(async (pair) => {
    const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'test', alg: 'ES256', use: 'sig' };
    return { privateKey: pair.privateKey, text: JSON.stringify({ keys: [jwk] }) };
  });
  return sharedKeys;
}

const tokens = new Map<string, Promise<string>>();
const tokensKept = 10_000;

/** The same caller gets the same token, so that the gateway's caches are used as they would be. */
export function tokenOf(caller: TestCaller): Promise<string> {
  const key = JSON.stringify(caller);
  const known = tokens.get(key);
  if (known !== undefined) return known;
  if (tokens.size >= tokensKept) tokens.clear();
  const signed = testKeys().then((keys) => sign(caller, keys.privateKey));
  tokens.set(key, signed);
  return signed;
}

function sign(caller: TestCaller, key: CryptoKey): Promise<string> {
  const { scopes = [], roles, client, subject = 'someone', claims = {} } = caller;
  return new SignJWT({
    ...claims,
    scope: scopes.join(' '),
    ...(roles === undefined ? {} : { roles }),
    ...(client === undefined ? {} : { azp: client }),
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(key);
}
