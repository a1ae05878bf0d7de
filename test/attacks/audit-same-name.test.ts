/**
 * A partner's identity provider calls somebody of theirs as ours calls somebody of ours. Who is told
 * who saw a record must not take the one for the other.
 */
import { join } from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { expect, it } from 'vitest';
import { askAudit } from '../cli/audit-rig.ts';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const issuers = ['https://idp.ours.example', 'https://idp.partner.example'];

const toIssuer = (issuer: string, at: number): string =>
  `{ issuer: "${issuer}", audience: graph, jwks: keys-${at}.json, algorithms: [ES256] }`;

it('who saw a record is told with who vouches for the name', async () => {
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"person":{"id":"42","fgs_id":"42","ssn":"900-11-1111"}}}');
  });
  const keys = await Promise.all(issuers.map(() => generateKeyPair('ES256')));
  const sets = await Promise.all(
    keys.map(async ({ publicKey }) => JSON.stringify({ keys: [await exportJWK(publicKey)] })),
  );
  await using gateway = await serveFiles({
    ...smallFiles(upstream.url),
    'gateway.yaml': `version: 1
listen: { port: 0 }
admin: { port: 0 }
upstreams: { staff: { graphql: staff.graphql, url: ${upstream.url} } }
identity: { jwt: [${issuers.map(toIssuer).join(', ')}] }
audit: { directory: audit, subjects: { Person: id } }
`,
    'keys-0.json': sets[0] ?? '',
    'keys-1.json': sets[1] ?? '',
    'policies/access/staff.yaml': `version: 1
rules:
  - { name: open, fields: { Query: [person] }, allow: authenticated }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: authenticated }
`,
  });
  for (const [at, { privateKey }] of keys.entries()) {
    const token = await new SignJWT({ sub: 'alice' })
      .setProtectedHeader({ alg: 'ES256' })
      .setIssuer(issuers[at] ?? '')
      .setAudience('graph')
      .setExpirationTime('5m')
      .sign(privateKey);
    const answer = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: '{"query":"{ person(id: \\"42\\") { ssn } }"}',
    });
    expect(await answer.text()).toContain('900-11-1111');
  }
  await gateway.closeOnly();
  await upstream.close();

  const config = ['--config', join(gateway.directory, 'gateway.yaml')];
  const told = await askAudit(['who-saw', 'Person', '42', ...config]);
  const lines = told.out.split('\n').filter((line) => line.includes('alice'));
  expect(lines.map((line) => issuers.filter((one) => line.includes(one)))).toEqual(
    issuers.map((one) => [one]),
  );
  const accessed = await askAudit(['who-accessed', 'alice', '--json', ...config]);
  const found: { issuer: string }[] = JSON.parse(accessed.out).requests;
  expect(found.map(({ issuer }) => issuer)).toEqual(issuers);
});
