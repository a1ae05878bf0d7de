/**
 * Secrets on every path into the gateway: as literals, variables, defaults, aliases, names of
 * operations, header values, ids in URLs, tokens, claims, methods, and in what upstreams say.
 * None may be in spans, in metrics, on the admin port, or in the headers that telemetry is sent
 * with. Everything that left is searched, as bytes.
 */
import { request as httpRequest } from 'node:http';
import { expect, it } from 'vitest';
import { attributesOf, startOtlpSink } from '../support/otlp-sink.ts';
import { playUpstream, serveFiles } from '../support/served.ts';
import { audience, issuer, testKeys, tokenOf } from '../support/tokens.ts';

const secrets = {
  ssn: '078-05-1120',
  plainSsn: '078051120',
  iban: 'DE89370400440532013000',
  email: 'ada.lovelace@secret.example',
  name: 'Zyxwvut Secretperson',
  header: 'hdr-9f8e7d6c5b4a',
  identifier: 'secretIdentifierQx',
  upstreamText: 'ORA-00942 secret table',
  claim: 'claim-71c2aa',
  address: '203.0.113.77',
};

const openapi = `
openapi: 3.0.3
info: { title: people, version: "1" }
paths:
  /people/{id}:
    get:
      operationId: person
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: note, in: query, schema: { type: string } }
      responses:
        "200":
          description: one
          content:
            application/json:
              schema: { $ref: "#/components/schemas/Person" }
components:
  schemas:
    Person:
      type: object
      properties: { id: { type: string }, name: { type: string }, ssn: { type: string } }
`;

function filesFor(upstreamUrl: string, sinkUrl: string, keys: string): Record<string, string> {
  return {
    'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
upstreams:
  people:
    openapi: people.yaml
    url: ${upstreamUrl}
    operations: { Query.person: "GET /people/{id}" }
    headers: { x-note: "{claims.note}" }
    forward: [x-inbound]
    timeoutMs: 500
identity:
  jwt: [{ issuer: "${issuer}", audience: ${audience}, jwks: keys.json, algorithms: [ES256] }]
  anonymous: allow
telemetry: { otlp: "${sinkUrl}", hashKey: "a key for hashes of users" }
`,
    'keys.json': keys,
    'people.yaml': openapi,
    'policies/network/all.yaml': 'version: 1\ntrustedProxies: [127.0.0.1]\n',
    'policies/access/people.yaml': `
version: 1
rules:
  - { name: directory, fields: { Query: [person], Person: [id, name] }, allow: everyone }
  - name: ids
    class: government-id
    fields: { Person: [ssn] }
    allow: { scopes: [ssn] }
    otherwise: [{ mask: last4, allow: { scopes: [masked] } }, deny]
`,
  };
}

/** One request as raw as it takes. */
function send(url: string, options: Parameters<typeof httpRequest>[1] & { body?: string }) {
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const { body, ...rest } = options as { body?: string };
    const outgoing = httpRequest(url, rest, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

it('no secret leaves with telemetry', async () => {
  const seenUpstream: string[] = [];
  const upstream = await playUpstream((request, response) => {
    seenUpstream.push(`${request.url} ${JSON.stringify(request.headers)}`);
    const url = decodeURIComponent(request.url ?? '');
    response.setHeader('content-type', 'application/json');
    response.setHeader('set-cookie', secrets.upstreamText);
    response.setHeader('x-trace', secrets.email);
    if (url.includes('broken')) response.statusCode = 500;
    if (url.includes('moved')) response.writeHead(302, { location: `/x/${secrets.ssn}` });
    if (url.includes('cut')) request.socket.destroy();
    if (url.includes('hangs')) return;
    if (url.includes('broken')) response.end(JSON.stringify({ error: secrets.upstreamText }));
    else
      response.end(JSON.stringify({ id: secrets.plainSsn, name: secrets.name, ssn: secrets.ssn }));
  });
  const sink = await startOtlpSink();
  const files = filesFor(upstream.url, sink.url, (await testKeys()).text);
  await using gateway = await serveFiles(files);

  const base = { subject: secrets.email, claims: { note: secrets.claim, email: secrets.email } };
  const tokens = await Promise.all([
    undefined,
    ...[[], ['ssn'], ['masked']].map((scopes) => tokenOf({ ...base, scopes, client: 'app' })),
    `${await tokenOf(base)}x`,
    secrets.header,
  ]);
  const documents = [
    `{ person(id: "${secrets.ssn}", note: "${secrets.iban}") { id name ssn } }`,
    `query ${secrets.identifier} { ${secrets.identifier}: person(id: "1") { id } }`,
    `query Q($id: String = "${secrets.plainSsn}") { person(id: $id) { name } }`,
    `query Q($id: String!) { person(id: $id) { name ssn } }`,
    `{ person(id: "1") { ${secrets.identifier} } }`,
    `{ person(id: "broken ${secrets.iban}") { name } }`,
    `{ person(id: "moved ${secrets.iban}") { name } }`,
    `{ person(id: "cut ${secrets.iban}") { name } }`,
    `{ person(id: "hangs ${secrets.iban}") { name } }`,
    `{ person(id: "${secrets.ssn}" `,
    `subscription ${secrets.identifier} { person(id: "${secrets.ssn}") { id } }`,
  ];
  const headersOf = (token: string | undefined) => ({
    'content-type': 'application/json',
    'x-inbound': secrets.header,
    'user-agent': secrets.email,
    cookie: `session=${secrets.header}`,
    traceparent: `00-${secrets.plainSsn}`,
    tracestate: `vendor=${secrets.header}`,
    baggage: `user=${secrets.email}`,
    'x-forwarded-for': secrets.address,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  });
  const body = (query: string) =>
    JSON.stringify({ query, variables: { id: secrets.ssn, extra: secrets.name } });
  const post = (queries: readonly string[]) =>
    Promise.all(
      tokens.flatMap((token) =>
        queries.map((query) =>
          send(gateway.url, { method: 'POST', headers: headersOf(token), body: body(query) }),
        ),
      ),
    );
  // What breaks the upstream comes last: an open circuit would keep the secrets from being sent.
  const isBreaking = (query: string): boolean => /"(?:broken|moved|cut|hangs) /.test(query);
  const posts = [
    ...(await post(documents.filter((query) => !isBreaking(query)))),
    ...(await post(documents.filter(isBreaking))),
  ];
  const odd = [
    { method: 'POST', path: `/${secrets.plainSsn}`, body: secrets.iban },
    {
      method: 'GET',
      path: `/graphql?query=${encodeURIComponent(`{ person(id: "${secrets.ssn}") { id } }`)}`,
    },
    { method: 'PROPFIND', path: `/graphql?x=${secrets.plainSsn}` },
    { method: 'POST', path: '/graphql', body: `{"query": "${secrets.iban}` },
    { method: 'POST', path: '/graphql', body: JSON.stringify({ documentId: secrets.plainSsn }) },
  ].map(({ path, ...rest }) =>
    send(new URL(path, gateway.url).href, { ...rest, headers: headersOf(undefined) }),
  );
  const answers = [...posts, ...(await Promise.all(odd))];
  const admin = await Promise.all([
    ...['/metrics', `/${secrets.plainSsn}`, `/metrics?x=${secrets.plainSsn}`, '/health'].map(
      (path) => send(`${gateway.adminUrl}${path}`, { headers: headersOf(secrets.header) }),
    ),
    send(`${gateway.adminUrl}/metrics`, { headers: { host: `${secrets.plainSsn}.example` } }),
    send(`${gateway.adminUrl}/metrics`, { method: 'POST', body: secrets.iban }),
  ]);
  await gateway.close();
  await Promise.all([upstream.close(), sink.close()]);

  // The secrets were there to be leaked: upstreams and callers got them.
  expect(seenUpstream.join()).toContain(encodeURIComponent(secrets.ssn));
  expect(seenUpstream.join()).toContain(secrets.claim);
  expect(answers.some(({ text }) => text.includes(secrets.ssn))).toBe(true);
  const servers = sink.accepted('traces').filter(({ kind }) => kind === 2);
  expect(servers).toHaveLength(answers.length);
  expect(new Set(servers.map((one) => attributesOf(one)['gateway.decision']))).toEqual(
    new Set(['allowed', 'masked', 'denied', 'failed', 'refused']),
  );
  expect(servers.some((one) => attributesOf(one)['user.hash'] !== undefined)).toBe(true);
  expect(new Set(servers.map((one) => attributesOf(one)['client.address']))).toEqual(
    new Set(['203.0.113.0']),
  );
  expect(admin.map(({ status }) => status)).toEqual([200, 404, 200, 200, 421, 405]);
  expect(sink.complaints).toEqual([]);

  const left = [
    ...sink.requests.map(
      ({ bytes, headers }) => bytes.toString('latin1') + JSON.stringify(headers),
    ),
    ...admin.map(({ text }) => text),
  ].join('\n');
  const valid = tokens.filter((token) => token !== undefined);
  for (const [name, secret] of [
    ...Object.entries(secrets),
    ...valid.map((one) => ['token', one]),
  ]) {
    expect(left.includes(secret as string), `${name} ${secret}`).toBe(false);
  }
});
