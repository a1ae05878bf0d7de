/** Tokens bound to a client certificate (RFC 8705) over real TLS: ours, another's, a self-made one, none. */
import { createHash, X509Certificate } from 'node:crypto';
import { Agent, request } from 'undici';
import { beforeAll, expect, test } from 'vitest';
import { createSigningKey, type SigningKey, signToken } from '../identify/loopback-issuer.ts';
import { type Authority, createAuthority, type Pair } from '../support/certificates.ts';
import { serveTls } from '../support/served-tls.ts';

let authority: Authority;
let server: Pair;
let ours: Pair;
let others: Pair;
let stranger: Pair;
let key: SigningKey;
beforeAll(async () => {
  const foreign = await createAuthority();
  authority = await createAuthority();
  key = await createSigningKey('k1');
  [server, ours, others, stranger] = [
    await authority.issue('localhost', 'IP:127.0.0.1'),
    await authority.issue('client', 'DNS:client'),
    await authority.issue('other', 'DNS:other'),
    await foreign.issue('client', 'DNS:client'),
  ];
});

const thumbprint = ({ cert }: Pair): string =>
  createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url');

/** Statuses of one question that is asked twice on one connection, whose certificate is looked at once. */
async function send(url: string, token: string, pair?: Pair): Promise<number[]> {
  const agent = new Agent({
    connections: 1,
    connect: { ca: authority.cert, ...(pair && { cert: pair.cert, key: pair.key }) },
  });
  const statuses: number[] = [];
  for (const _ of [1, 2]) {
    const { statusCode, body } = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ staff { name } }' }),
    });
    await body.dump();
    statuses.push(statusCode);
  }
  await agent.close();
  return statuses;
}

test('a bound token is good over a connection with its certificate alone', async () => {
  await using served = await serveTls({ authority, server, key });
  const ask = (token: string, pair?: Pair) => send(served.url, token, pair);
  const exp = Math.floor(Date.now() / 1000) + 300;
  const bind = (pair: Pair): Promise<string> =>
    signToken({ key, claims: { exp, cnf: { 'x5t#S256': thumbprint(pair) } } });
  const token = await bind(ours);
  expect(await ask(token, ours)).toEqual([200, 200]);
  expect(await ask(token, others)).toEqual([401, 401]);
  expect(await ask(token)).toEqual([401, 401]);
  // Its thumbprint fits, but no authority of ours has signed it.
  expect(await ask(await bind(stranger), stranger)).toEqual([401, 401]);
  const free = await signToken({ key, claims: { exp } });
  expect(await ask(free, others)).toEqual([200, 200]);
  expect(await ask(free)).toEqual([200, 200]);
});
