/**
 * A list of operations under a token that is bound to a key: one request, one proof. Each entry
 * must be of the proven caller, no entry may need a proof of its own, and the proof is used up.
 */
import { createHash, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, test, vi } from 'vitest';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const issuer = 'https://idp.example.com';
const publicUrl = 'https://api.example.com/graphql';

async function serveBound() {
  const [own, holder] = await Promise.all([
    generateKeyPair('ES256', { extractable: true }),
    generateKeyPair('ES256', { extractable: true }),
  ]);
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
  const held = await exportJWK(holder.publicKey);
  const token = await new SignJWT({ cnf: { jkt: await calculateJwkThumbprint(held) }, jti: 't1' })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setIssuer(issuer)
    .setAudience('graph')
    .setSubject('ada')
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(own.privateKey);
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"staff":[{"__typename":"Person","name":"Ada"}]}}');
  });
  const gateway = await serveFiles({
    ...smallFiles(upstream.url),
    'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
batch: { max: 5 }
upstreams:
  staff: { graphql: staff.graphql, url: ${upstream.url} }
identity:
  jwt:
    - { issuer: "${issuer}", audience: graph, jwks: keys.json, algorithms: [ES256] }
  revoked: { file: revoked.yaml, reload: 1s }
  dpop: { url: "${publicUrl}" }
  anonymous: refuse
`,
    'keys.json': JSON.stringify({ keys: [jwk] }),
    'revoked.yaml': 'version: 1\nrevoked: []\n',
  });
  const prove = (): Promise<string> =>
    new SignJWT({
      htm: 'POST',
      htu: publicUrl,
      jti: randomUUID(),
      ath: createHash('sha256').update(token).digest('base64url'),
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: held })
      .setIssuedAt()
      .sign(holder.privateKey);
  return {
    prove,
    revoke: () =>
      writeFile(
        join(gateway.directory, 'revoked.yaml'),
        `version: 1\nrevoked: [{ issuer: "${issuer}", jti: t1 }]\n`,
      ),
    lines: gateway.lines,
    async send(proof: string) {
      const response = await fetch(gateway.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `DPoP ${token}`,
          dpop: proof,
        },
        body: JSON.stringify([1, 2, 3].map(() => ({ query: '{ staff { name } }' }))),
      });
      return { status: response.status, body: await response.json() };
    },
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await upstream.close();
    },
  };
}

test('all entries are of the proven caller; the proof is good for one list', async () => {
  await using served = await serveBound();
  const proof = await served.prove();
  const answer = { data: { staff: [{ name: 'Ada' }] } };
  expect(await served.send(proof)).toEqual({ status: 200, body: [answer, answer, answer] });
  expect((await served.send(proof)).status).toBe(401);
  const reasons = served.lines.flatMap((line) => line.reason ?? []);
  expect(reasons).toEqual(['identify/proof-replayed']);
});

test('a revoked token falls for lists too, while it is remembered and freshly proven', async () => {
  await using served = await serveBound();
  expect((await served.send(await served.prove())).status).toBe(200);
  await served.revoke();
  await vi.waitFor(async () => expect((await served.send(await served.prove())).status).toBe(401), {
    timeout: 5_000,
    interval: 100,
  });
  expect(served.lines.flatMap((line) => line.reason ?? [])).toContain('identify/revoked');
});
