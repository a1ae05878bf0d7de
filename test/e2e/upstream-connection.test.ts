/**
 * A served gateway whose upstream wants all of it: TLS by an authority of its own, the gateway's
 * certificate, a token from a token endpoint behind the same authority, and a second attempt.
 */
import { once } from 'node:events';
import { createServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { createAuthority } from '../support/certificates.ts';
import { serveFiles, smallFiles } from '../support/served.ts';

const authority = await createAuthority();
const server = await authority.issue('upstream', 'DNS:localhost,IP:127.0.0.1');
const client = await authority.issue('gateway', 'DNS:gateway');

type Play = (request: { url: string; authorization: string | undefined; body: string }) => {
  status: number;
  body: unknown;
};
async function play(options: ServerOptions, answer: Play) {
  const https = createServer({ ...server, ...options }, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { authorization } = request.headers;
    const body = Buffer.concat(chunks).toString();
    const { status, body: value } = answer({ url: request.url ?? '', authorization, body });
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(value));
  });
  https.listen(0, '127.0.0.1');
  await once(https, 'listening');
  return { https, url: `https://localhost:${(https.address() as AddressInfo).port}` };
}

const statuses: number[] = [];
const bodies: string[] = [];
let issued = 0;
const idp = await play({}, () => {
  issued += 1;
  return {
    status: 200,
    body: { access_token: `t-${issued}`, token_type: 'Bearer', expires_in: 3_600 },
  };
});
const mutual = { requestCert: true, rejectUnauthorized: true, ca: authority.cert };
const upstream = await play(mutual, ({ authorization, body }) => {
  bodies.push(body);
  if (authorization !== 'Bearer t-1') return { status: 401, body: {} };
  const person = { __typename: 'Person', id: '1' };
  const status = statuses.shift() ?? 200;
  if (status !== 200) return { status, body: {} };
  return {
    status,
    body: { data: body.includes('rename') ? { rename: person } : { person } },
  };
});

const files = smallFiles(upstream.url);
const gateway = await serveFiles(
  {
    ...files,
    'gateway.yaml': (files['gateway.yaml'] ?? '').replace(
      /staff: .*\n/,
      `staff:
    graphql: staff.graphql
    url: ${upstream.url}
    prefix: Staff_
    ca: ${authority.certFile}
    mtls: { cert: ${client.certFile}, key: ${client.keyFile} }
    retries: { attempts: 2, budget: 0.5 }
    oauth: { tokenUrl: "${idp.url}/token", clientId: gateway, clientSecret: "\${SECRET}" }
`,
    ),
    'policies/access/staff.yaml': (files['policies/access/staff.yaml'] ?? '').replaceAll(
      'Person:',
      'Staff_Person:',
    ),
  },
  { env: { SECRET: 'hush-hush' } },
);

afterAll(async () => {
  await gateway.close();
  for (const { https } of [idp, upstream]) {
    https.close();
    https.closeAllConnections();
  }
});
beforeEach(() => {
  statuses.length = 0;
  bodies.length = 0;
});

async function ask(query: string) {
  const response = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  const body: unknown = await response.json();
  const calls = gateway.lines.findLast(({ kind }) => kind === 'request')?.upstreamCalls;
  return { body, calls };
}

it('a read is answered by the third attempt, and each is in the record', async () => {
  statuses.push(503, 502);
  const { body, calls } = await ask('{ person(id: "1") { __typename id } }');
  expect(body).toEqual({ data: { person: { __typename: 'Staff_Person', id: '1' } } });
  expect(calls).toMatchObject([
    { status: 503 },
    { status: 502, attempt: 2 },
    { status: 200, attempt: 3 },
  ]);
  expect(bodies.join()).not.toContain('Staff_');
});

it('a mutation is sent once, whatever it is called', async () => {
  statuses.push(503);
  const { body, calls } = await ask('mutation query { rename(id: "1", name: "query") { id } }');
  expect(body).toMatchObject({ data: { rename: null } });
  expect(calls).toMatchObject([{ status: 503 }]);
  expect(bodies).toHaveLength(1);
});

it('one token serves all, and nothing secret is in the log', async () => {
  await Promise.all([ask('{ person(id: "1") { id } }'), ask('{ person(id: "2") { id } }')]);
  expect(issued).toBe(1);
  expect(JSON.stringify(gateway.lines)).not.toMatch(/hush-hush|t-1|BEGIN/);
});
