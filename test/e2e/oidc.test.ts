/**
 * A real identity provider issues the tokens, is stopped, started with other keys, and asked about
 * opaque tokens; the gateway runs on real sockets and goes on as gateway/identity.md says.
 */
import { createHash, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { writeFiles } from '../support/config-files.ts';
import {
  createIdentityProvider,
  type IdentityProvider,
  introspector,
} from '../support/identity-provider.ts';
import { type PlayedUpstream, playUpstream, serveFiles, smallFiles } from '../support/served.ts';

let provider: IdentityProvider;
let upstream: PlayedUpstream;
beforeAll(async () => {
  provider = await createIdentityProvider();
  upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"staff":[{"name":"Ada","ssn":"123"}]}}');
  });
});
afterAll(async () => {
  await provider.stop();
  await upstream.close();
});

const publicUrl = 'https://api.example.test/graphql';

async function serveGateway() {
  const directory = await writeFiles({ 'revoked.yaml': 'version: 1\nrevoked: []\n' });
  const revoked = join(directory, 'revoked.yaml');
  const common = `issuer: ${provider.issuer}, audience: graph, client: client_id`;
  const files = smallFiles(upstream.url);
  const gateway = await serveFiles({
    ...files,
    'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
upstreams:
  staff: { graphql: staff.graphql, url: ${upstream.url} }
identity:
  jwt:
    - { ${common}, jwks: ${provider.issuer}/jwks, algorithms: [ES256], may: { scopes: [ssn] } }
  introspection:
    - { ${common}, url: ${provider.issuer}/token/introspection, clientId: ${introspector.clientId}, clientSecret: ${introspector.clientSecret}, timeout: 1s }
  revoked: { file: ${revoked}, reload: 1s }
  dpop: { url: "${publicUrl}" }
`,
  });
  const send = async (headers: Record<string, string>) => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query: '{ staff { name ssn } }' }),
    });
    const body = (await response.json()) as { data?: { staff: { ssn: string | null }[] } };
    return {
      response,
      outcome: response.status === 200 ? body.data?.staff[0]?.ssn : response.status,
    };
  };
  return {
    gateway,
    revoked,
    send,
    outcome: async (token: string) => (await send({ authorization: `Bearer ${token}` })).outcome,
    reasons: () => gateway.lines.flatMap((line) => line.reason ?? []),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

test('keys rotate and the provider goes and comes while the gateway runs', async () => {
  await provider.start('first');
  await using served = await serveGateway();
  const { outcome } = served;
  const [used, unused, opaque, unusedOpaque] = await Promise.all([
    provider.token('jwt'),
    provider.token('jwt'),
    provider.token('opaque'),
    provider.token('opaque'),
  ]);
  expect(used.split('.').length).toBe(3);
  expect(opaque).not.toContain('.');
  expect([await outcome(used), await outcome(opaque)]).toEqual(['123', '123']);
  // Outside the ceiling of the one door, and without a ceiling at the other.
  expect(await outcome(await provider.token('jwt', { scope: 'other' }))).toBe(null);

  await provider.stop();
  expect([await outcome(used), await outcome(unused)]).toEqual(['123', '123']);
  expect([await outcome(opaque), await outcome(unusedOpaque)]).toEqual(['123', 503]);

  await provider.start('second');
  const fresh = await provider.token('jwt');
  await vi.waitFor(async () => expect(await outcome(fresh)).toBe('123'), {
    timeout: 10_000,
    interval: 200,
  });
  expect([await outcome(used), await outcome(unused)]).toEqual([401, 401]);
  expect(await outcome(await provider.token('opaque'))).toBe('123');
  expect(await outcome('made-up')).toBe(401);
  expect(new Set(served.reasons())).toEqual(
    new Set([
      'identify/introspection-unavailable',
      'identify/token-signature',
      'identify/token-inactive',
    ]),
  );
});

test('the gateway starts while the provider is down, and takes tokens when it is up', async () => {
  await provider.start('third');
  const token = await provider.token('jwt');
  await provider.stop();
  await using served = await serveGateway();
  expect(served.gateway.lines).toContainEqual(
    expect.objectContaining({ kind: 'identify', level: 'error' }),
  );
  const { response } = await served.send({ authorization: `Bearer ${token}` });
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '1']);
  await provider.start('fourth');
  const fresh = await provider.token('jwt');
  await vi.waitFor(async () => expect(await served.outcome(fresh)).toBe('123'), {
    timeout: 10_000,
    interval: 200,
  });
});

test('a token bound to a key is good with the key, once per proof; a revoked one is not', async () => {
  await provider.start('fifth');
  await using served = await serveGateway();
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = await exportJWK(publicKey);
  const prove = (htu: string, token?: string): Promise<string> =>
    new SignJWT({
      htm: 'POST',
      htu,
      jti: randomUUID(),
      ...(token && { ath: createHash('sha256').update(token).digest('base64url') }),
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .setIssuedAt()
      .sign(privateKey);
  for (const format of ['jwt', 'opaque'] as const) {
    const dpop = await prove(`${provider.issuer}/token`);
    const token = await provider.token(format, { headers: { dpop } });
    const good = { authorization: `DPoP ${token}`, dpop: await prove(publicUrl, token) };
    expect((await served.send(good)).outcome).toBe('123');
    const replayed = await served.send(good);
    expect(replayed.outcome).toBe(401);
    expect(replayed.response.headers.get('www-authenticate')).toMatch(
      /^Bearer error="invalid_token", DPoP error="invalid_token", algs="[\w ]+"$/,
    );
    expect(await served.outcome(token)).toBe(401);
  }
  const token = await provider.token('jwt');
  expect(await served.outcome(token)).toBe('123');
  await writeFile(served.revoked, 'version: 1\nrevoked: [{ client: batch }]\n');
  await vi.waitFor(async () => expect(await served.outcome(token)).toBe(401), {
    timeout: 5_000,
    interval: 100,
  });
  expect(served.reasons()).toContain('identify/revoked');
});
