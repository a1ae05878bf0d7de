/**
 * A proof of possession that was shown to one process, shown again to another: each by itself has
 * never seen it.
 */
import { createHash } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, it } from 'vitest';
import { playUpstream, smallFiles } from '../support/served.ts';
import { audience, issuer, testKeys } from '../support/tokens.ts';
import { startWorkers } from '../support/worker-processes.ts';

const url = 'https://api.example.test/graphql';

async function makeHolder() {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  const token = await new SignJWT({ scope: '', cnf: { jkt: await calculateJwkThumbprint(jwk) } })
    .setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject('someone')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign((await testKeys()).privateKey);
  const ath = createHash('sha256').update(token).digest('base64url');
  const prove = (jti: string): Promise<string> =>
    new SignJWT({ htm: 'POST', htu: url, jti, ath })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .setIssuedAt()
      .sign(privateKey);
  return { token, prove };
}

it('a proof is worth one request, whichever workers it is shown to', {
  timeout: 90_000,
}, async () => {
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"staff":[{"id":"1","name":"Ada"}]}}');
  });
  const files = smallFiles(upstream.url);
  const identity = `identity:
  jwt:
    - { issuer: "${issuer}", audience: ${audience}, jwks: jwks.json, algorithms: [ES256] }
  dpop: { url: "${url}" }
`;
  const gatewayYaml = files['gateway.yaml']?.replace(/identity: .*\n/, identity) ?? '';
  await using gateway = await startWorkers(
    { ...files, 'gateway.yaml': gatewayYaml, 'jwks.json': (await testKeys()).text },
    2,
  );
  const { token, prove } = await makeHolder();
  const show = async (proof: string): Promise<number> => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      // A connection each, which are dealt out to the workers in turn.
      headers: {
        'content-type': 'application/json',
        connection: 'close',
        authorization: `DPoP ${token}`,
        dpop: proof,
      },
      body: '{"query":"{ staff { name } }"}',
    });
    await response.text();
    return response.status;
  };
  const fresh = await Promise.all(['a', 'b', 'c', 'd'].map(async (jti) => show(await prove(jti))));
  expect(fresh).toEqual([200, 200, 200, 200]);

  const oneByOne = await prove('e');
  const statuses: number[] = [];
  for (let turn = 0; turn < 4; turn += 1) statuses.push(await show(oneByOne));
  expect(statuses).toEqual([200, 401, 401, 401]);

  const atOnce = await prove('f');
  const raced = await Promise.all(Array.from({ length: 8 }, () => show(atOnce)));
  expect(raced.filter((status) => status === 200)).toHaveLength(1);

  // The owner remembers: an exchange of all workers forgets nothing.
  gateway.process.kill('SIGUSR2');
  await expect
    .poll(() => gateway.lines().some(({ event }) => event === 'exchanged'), { timeout: 50_000 })
    .toBe(true);
  expect(await show(oneByOne)).toBe(401);
  expect(await show(await prove('g'))).toBe(200);
  await upstream.close();
});
