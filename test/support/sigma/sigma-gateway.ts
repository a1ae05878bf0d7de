/**
 * A served gateway, on real sockets, for the situations that Sigma rules are about: what it wrote
 * into its audit log is what they are run on.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { auditLines } from '../audit-files.ts';
import type { AuditEvent } from '../audit-rows.ts';
import { playUpstream, type Served, serveFiles, smallFiles } from '../served.ts';
import { audience, issuer, type TestCaller, testKeys, tokenOf } from '../tokens.ts';

/** Where proofs of possession are for. */
const publicUrl = 'https://api.example.test/graphql';
/** Answers of `{ staff }` have so many people, each with an SSN. */
const peopleCount = 120;
/** Fields that nobody without the scope `parts` may see. */
export const parts = Array.from({ length: 20 }, (_, at) => `part${at}`);

const people = Array.from({ length: peopleCount }, (_, at) => ({
  id: `${at}`,
  fgs_id: `${at}`,
  name: 'Ada',
  ssn: '900-11-1111',
  boss: null,
}));

const files = (url: string, jwks: string): Record<string, string> => ({
  ...smallFiles(url),
  'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
upstreams:
  staff: { graphql: staff.graphql, url: ${url} }
identity:
  jwt:
    - { issuer: "${issuer}", audience: ${audience}, jwks: jwks.json, algorithms: [ES256] }
  revoked: { file: revoked.yaml }
  dpop: { url: "${publicUrl}" }
  anonymous: allow
introspection: authenticated
audit: { directory: audit, subjects: { Person: id } }
`,
  'jwks.json': jwks,
  'revoked.yaml': `version: 1\nrevoked: [{ issuer: "${issuer}", subject: gone }]\n`,
  'staff.graphql': `
type Query { staff: [Person!]! broken: Person }
type Person { id: ID! name: String! ssn: String boss: Person ${parts.map((name) => `${name}: String`).join(' ')} }
`,
  'policies/access/staff.yaml': `
version: 1
rules:
  - { name: open, fields: { Query: [staff, broken], Person: [id, name, boss] }, allow: everyone }
  - { name: ids, class: government-id, fields: { Person: [ssn] }, allow: { scopes: [ssn] } }
  - { name: parts, class: pay, fields: { Person: [${parts}] }, allow: { scopes: [parts] } }
`,
  'policies/limits/default.yaml': 'version: 1\nlimits: { depth: 4, aliases: 4, rootFields: 3 }\n',
  'policies/rates/default.yaml': `
version: 1
rates:
  - { name: few, per: caller, limit: 5, window: 1m, for: { clients: [busy] } }
`,
  'policies/network/default.yaml': `
version: 1
trustedProxies: [127.0.0.0/8]
lists: { blocked: { file: lists/blocked.txt } }
deny: [blocked]
regions: { database: embedded, deny: [] }
`,
  'policies/network/lists/blocked.txt': '203.0.113.0/24\n',
});

export interface Asked {
  readonly as?: TestCaller;
  readonly from?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface SigmaGateway {
  readonly served: Served;
  /** Resolves with the status. */
  ask(query: string, about?: Asked): Promise<number>;
}

/** Serves, lets `act` ask, and resolves with the events that are in the closed log then. */
export async function recorded(
  act: (gateway: SigmaGateway) => Promise<void>,
  more: Readonly<Record<string, string>> = {},
): Promise<AuditEvent[]> {
  const upstream = await playUpstream((_request, response, body) => {
    const isBroken = body.includes('broken');
    response.statusCode = isBroken && !body.includes('staff') ? 503 : 200;
    response.setHeader('content-type', 'application/json');
    const errors = isBroken ? [{ message: 'broken', path: ['broken'] }] : undefined;
    response.end(JSON.stringify({ data: { staff: people, broken: null }, errors }));
  });
  const { text: jwks } = await testKeys();
  await using served = await serveFiles({ ...files(upstream.url, jwks), ...more });
  await act({
    served,
    async ask(query, { as, from = '198.51.100.7', headers } = {}) {
      const response = await fetch(served.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-forwarded-for': from,
          ...(as !== undefined && { authorization: `Bearer ${await tokenOf(as)}` }),
          ...headers,
        },
        body: JSON.stringify({ query }),
      });
      await response.text();
      return response.status;
    },
  });
  await served.closeOnly();
  const lines = await auditLines(join(served.directory, 'audit'));
  await upstream.close();
  return lines.map((line) => JSON.parse(line));
}

/** Headers of a token that is bound to a key, with a proof that is good for one request. */
export async function boundHeaders(): Promise<Record<string, string>> {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  const token = await new SignJWT({ scope: '', cnf: { jkt: await calculateJwkThumbprint(jwk) } })
    .setProtectedHeader({ alg: 'ES256', kid: 'test', typ: 'at+jwt' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject('bound')
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign((await testKeys()).privateKey);
  const ath = createHash('sha256').update(token).digest('base64url');
  const dpop = await new SignJWT({ htm: 'POST', htu: publicUrl, jti: 'once', ath })
    .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
    .setIssuedAt()
    .sign(privateKey);
  return { authorization: `DPoP ${token}`, dpop };
}
