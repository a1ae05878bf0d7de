/**
 * A corpus of secrets through every path of a served gateway: numbers, names, addresses and tokens
 * as literals, variables, defaults, header values, ids in URLs, names of operations and claims, and
 * in everything an upstream can say; allowed, denied, masked, broken, with a bad token, over a
 * limit, over a rate, blocked, in a batch, hung up on. Then everything that left is searched: the
 * audit directory, what was forwarded of it, spans, metrics, the console, and answers that are
 * errors. The audit trail may name caller and address, which is what it is for.
 */
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { auditLines, everythingIn } from '../support/audit-files.ts';
import {
  removeGatewayFiles,
  startGatewayProcess,
  writeGatewayFiles,
} from '../support/gateway-process.ts';
import { startOtlpSink } from '../support/otlp-sink.ts';
import { playUpstream } from '../support/served.ts';
import { audience, issuer, testKeys, tokenOf } from '../support/tokens.ts';

/** Each kind is another in each place, so that what is found says where it came from. */
const kinds = {
  ssn: (at: number) => `078-05-${1000 + at}`,
  digits: (at: number) => `21909${9000 + at}`,
  iban: (at: number) => `DE8937040044053201${3000 + at}`,
  email: (at: number) => `ada.${at}@secret.example`,
  name: (at: number) => `Zyxwvut Secretperson${at}`,
  token: (at: number) => `sk_live_9f8e7d6c5b4a${at}`,
};
type Kind = keyof typeof kinds;

const places = [
  'literal',
  'variable',
  'unusedVariable',
  'defaultValue',
  'header',
  'cookie',
  'claim',
  'operationName',
  'url',
  'upstreamData',
  'upstreamError',
  'upstreamHeader',
  'body',
  'badToken',
  'extension',
  'madeUpName',
] as const;
type Place = (typeof places)[number];

const secret = (kind: Kind, place: Place): string => kinds[kind](places.indexOf(place) + 1);
/** All kinds at one place, in one text. */
const all = (place: Place): string =>
  (Object.keys(kinds) as Kind[]).map((kind) => secret(kind, place)).join(' ');
const corpus = places.flatMap((place) =>
  (Object.keys(kinds) as Kind[]).map((kind) => ({ place, kind, text: secret(kind, place) })),
);
/** Names in GraphQL have no blanks. */
const operationName = `Zyxwvut_Secretperson_${secret('digits', 'operationName')}`;
const madeUp = `Zyxwvut_${secret('digits', 'madeUpName')}`;
const callerId = 'grace.hopper@caller.example';
const blockedAddress = '203.0.113.9';
const address = '198.51.100.77';

const openapi = `
openapi: 3.0.3
info: { title: people, version: "1" }
paths:
  /people/{id}:
    get:
      parameters:
        - { name: id, in: path, required: true, schema: { type: string } }
        - { name: note, in: query, schema: { type: string } }
      responses:
        "200":
          description: one
          content: { application/json: { schema: { $ref: "#/components/schemas/Person" } } }
components:
  schemas:
    Person:
      type: object
      properties:
        id: { type: string }
        name: { type: string }
        ssn: { type: string }
        iban: { type: string }
`;

const sdl = `
type Query { notes(text: String, first: Int): [Note!] }
type Mutation { note(input: NoteInput!): Note }
type Note { id: ID! text: String next: Note }
input NoteInput { text: String!, kind: Kind }
enum Kind { OPEN CLOSED }
`;

const filesFor = (rest: string, graphql: string, sink: string, keys: string) => ({
  'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
upstreams:
  people:
    openapi: people.yaml
    url: ${rest}
    operations: { Query.person: "GET /people/{id}" }
    headers: { x-note: "{claims.note}", authorization: "Bearer ${secret('token', 'upstreamHeader')}" }
    forward: [x-inbound]
    timeoutMs: 2000
  notes: { graphql: notes.graphql, url: "${graphql}", timeoutMs: 600 }
identity:
  jwt: [{ issuer: "${issuer}", audience: ${audience}, jwks: keys.json, algorithms: [ES256], client: azp }]
  anonymous: allow
audit: { directory: audit, subjects: { Person: id } }
telemetry: { otlp: "${sink}", metricsIntervalMs: 1000 }
`,
  'keys.json': keys,
  'people.yaml': openapi,
  'notes.graphql': sdl,
  'policies/network/all.yaml':
    'version: 1\ntrustedProxies: [127.0.0.1]\nlists: { blocked: { file: blocked.txt } }\ndeny: [blocked]\n',
  'policies/network/blocked.txt': '203.0.113.0/24\n',
  'policies/limits/all.yaml': 'version: 1\nlimits: { depth: 5, cost: 200, tokens: 200 }\n',
  'policies/rates/all.yaml':
    'version: 1\nrates:\n  - { name: few, per: caller, limit: 1, window: 1h, for: { clients: [hurried] } }\n  - { name: same, fields: { Query: [notes] }, per: args.text, limit: 2, window: 1h, for: { clients: [hurried] } }\n',
  'policies/access/people.yaml': `
version: 1
rules:
  - name: directory
    fields:
      Query: [person, notes]
      Person: [id, name]
      Mutation: [note]
      Note: [id, text, next]
      NoteInput: [text, kind]
    allow: everyone
  - name: ids
    class: government-id
    fields: { Person: [ssn] }
    allow: { scopes: [ssn] }
    otherwise: [{ mask: last4, allow: { scopes: [masked] } }, deny]
  - name: banking
    class: banking
    fields: { Person: [iban] }
    allow: { scopes: [iban] }
    otherwise: [reject]
`,
});

const documents = [
  `{ person(id: "${secret('ssn', 'literal')}", note: "${all('literal')}") { id name ssn } }`,
  `{ person(id: "${secret('ssn', 'variable')}", note: "${all('literal')}") { id name ssn } }`,
  `query ${operationName} { person(id: "1") { id name ssn } }`,
  `query ${operationName}($id: ID = "${secret('digits', 'defaultValue')}", $n: String = "${all('defaultValue')}") { person(id: $id, note: $n) { ssn } }`,
  `query ${operationName}($id: ID!) { person(id: $id) { name ssn } }`,
  'query Q($id: Int!) { notes(first: $id) { id } }',
  'query Q($id: String!) { notes(text: $id) { id text } }',
  'mutation M($input: NoteInput!) { note(input: $input) { text } }',
  `mutation { note(input: { text: "${all('literal')}", kind: OPEN }) { text } }`,
  `mutation { note(input: { text: ${secret('digits', 'literal')}, kind: "${all('literal')}" }) { text } }`,
  `{ notes(first: "${all('literal')}") { id } }`,
  `{ person(id: "1") { iban } }`,
  `{ person(id: "${all('literal')}" `,
  `{ person(id: "${all('literal')}) }`,
  `subscription ${operationName} { person(id: "${all('literal')}") { id } }`,
  `{ notes(text: "${all('literal')}") { next { next { next { next { next { id } } } } } } }`,
  `{ notes(text: "${all('literal')}", first: 100) { id next { id } } }`,
  `{ ${'id '.repeat(300)} person(id: "${all('literal')}") { id } }`,
  `query A { person(id: "${all('literal')}") { id } } query B { person(id: "1") { id } }`,
  `fragment ${operationName} on Person { ...${operationName} } { person(id: "1") { ...${operationName} } }`,
  `{ person(id: "1", id: "${all('literal')}") { id } }`,
  `{ person(id: "1") @include(if: "${all('literal')}") { id } }`,
  // What is called by a name of the caller's.
  `{ ${madeUp}: person(id: "1") { ${madeUp}a: ssn ${madeUp}b: id } }`,
  `{ person(id: "1") { ${madeUp} } ${madeUp} { id } }`,
  `{ person(id: "1", ${madeUp}: 1) { id } notes(text: ${madeUp}) { id } }`,
  `{ person(id: "1") @${madeUp}(${madeUp}: 1) { id ... on ${madeUp} { id } ...${madeUp} } }`,
  `query ($${madeUp}: ${madeUp}!) { person(id: $${madeUp}b) { id } }`,
  `mutation { note(input: { text: "a", kind: ${madeUp}, ${madeUp}: 1 }) { text } }`,
  `{ __type(name: "${madeUp}") { ${madeUp}c: name } }`,
];

/** Ways of an upstream to fail, each with secrets in it. */
const failures = ['broken', 'moved', 'cut', 'hangs', 'garbage', 'wrong'];
const failing = failures.flatMap((how) => [
  `query ${operationName} { person(id: "${how} ${all('literal')}") { name ssn } }`,
  `query ${operationName} { notes(text: "${how} ${all('literal')}") { text } }`,
]);

interface Sent {
  readonly status: number;
  readonly text: string;
  readonly headers: string;
  readonly mayHoldSsn: boolean;
}

/** One request as raw as it takes, on a connection of its own. */
function send(
  url: string,
  about: { method?: string; headers?: Record<string, string>; body?: string; mayHoldSsn?: boolean },
): Promise<Sent> {
  const { body, mayHoldSsn = false, ...rest } = about;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, { method: 'POST', agent: false, ...rest }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        const headers = JSON.stringify(response.rawHeaders);
        resolve({ status: response.statusCode ?? 0, text, headers, mayHoldSsn });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Goes away once the upstream was asked, which answers nothing: before any answer is there. */
async function hangUp(
  url: string,
  about: { headers: Record<string, string>; body: string; asked: Promise<void> },
): Promise<void> {
  const { headers, body, asked } = about;
  const outgoing = httpRequest(url, { method: 'POST', agent: false, headers });
  const closed = new Promise<void>((resolve) => outgoing.on('close', () => resolve()));
  outgoing.on('error', () => undefined);
  outgoing.end(body);
  await asked;
  outgoing.destroy();
  await closed;
}

const headersOf = (token: string | undefined, from = address): Record<string, string> => ({
  'content-type': 'application/json',
  'x-inbound': all('header'),
  'user-agent': all('header'),
  referer: `https://app.example/?q=${encodeURIComponent(secret('email', 'header'))}`,
  'x-request-id': secret('digits', 'header'),
  [`x-${secret('digits', 'madeUpName')}`]: '1',
  cookie: `session=${secret('token', 'cookie')}; mail=${secret('email', 'cookie')}`,
  traceparent: `00-${secret('digits', 'header')}`,
  tracestate: `vendor=${secret('token', 'header')}`,
  baggage: `user=${secret('email', 'header')}`,
  'x-forwarded-for': from,
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
});

const bodyOf = (query: string, id: string = secret('ssn', 'variable')) => ({
  query,
  variables: {
    id,
    extra: all('unusedVariable'),
    input: { text: all('variable'), kind: 'OPEN' },
  },
  extensions: { note: all('extension') },
});

/** @param left told when whoever is to hang up waits for it */
async function playPeople(seen: string[], left: () => void) {
  return await playUpstream((request, response) => {
    const url = decodeURIComponent(request.url ?? '');
    seen.push(`${url} ${JSON.stringify(request.headers)}`);
    response.setHeader('content-type', 'application/json');
    response.setHeader('set-cookie', `s=${secret('token', 'upstreamHeader')}`);
    response.setHeader('x-debug', all('upstreamHeader'));
    if (url.includes('hangs left')) left();
    if (url.includes('hangs')) return;
    if (url.includes('cut')) request.socket.destroy();
    else if (url.includes('moved'))
      response.writeHead(302, { location: `/x/${secret('ssn', 'upstreamHeader')}` }).end();
    else if (url.includes('broken')) response.writeHead(500).end(all('upstreamError'));
    else if (url.includes('garbage')) response.end(`{"name": ${all('upstreamError')}`);
    else if (url.includes('wrong'))
      response.end(
        JSON.stringify({ id: { deep: all('upstreamError') }, name: [all('upstreamError')] }),
      );
    else {
      const [id, name, ssn] = [
        secret('digits', 'upstreamData'),
        secret('name', 'upstreamData'),
        secret('ssn', 'upstreamData'),
      ];
      response.end(JSON.stringify({ id, name, ssn, iban: secret('iban', 'upstreamData') }));
    }
  });
}

async function playNotes(seen: string[]) {
  return await playUpstream((request, response, body) => {
    seen.push(body);
    response.setHeader('content-type', 'application/json');
    const errors = [{ message: all('upstreamError'), extensions: { sql: all('upstreamError') } }];
    if (body.includes('hangs')) return;
    if (body.includes('cut')) request.socket.destroy();
    else if (body.includes('moved')) response.writeHead(307, { location: all('url') }).end();
    else if (body.includes('broken'))
      response.end(JSON.stringify({ errors, data: { notes: null } }));
    else if (body.includes('garbage')) response.end(all('upstreamError'));
    else if (body.includes('wrong'))
      response.end(JSON.stringify({ data: { notes: [{ text: { a: all('upstreamError') } }] } }));
    else {
      const note = { id: '1', __typename: 'Note', text: secret('email', 'upstreamData') };
      response.end(JSON.stringify({ data: { notes: [note], note } }));
    }
  });
}

const found = (haystack: string, except: readonly string[] = []): string[] =>
  corpus
    .filter(({ text }) => !except.includes(text))
    .filter(({ text }) =>
      [
        text,
        encodeURIComponent(text),
        Buffer.from(text).toString('base64').replace(/=+$/, ''),
      ].some((form) => haystack.includes(form)),
    )
    .map(({ place, kind, text }) => `${kind} as ${place}: ${text}`);

/** What of an answer is about an error: all of it, where it holds no data. */
function errorsOf({ text, headers }: Sent): string {
  const parts = text === '' ? [] : [JSON.parse(text)].flat();
  const errors = parts.map((one) => (one.data ? { ...one, data: undefined } : one));
  return `${headers} ${JSON.stringify(errors)}`;
}

it('no secret is in anything that left', { timeout: 60_000 }, async () => {
  const seen: string[] = [];
  const waits = Promise.withResolvers<void>();
  const [people, notes, sink] = [
    await playPeople(seen, waits.resolve),
    await playNotes(seen),
    await startOtlpSink(),
  ];
  const directory = await writeGatewayFiles(
    filesFor(people.url, notes.url, sink.url, (await testKeys()).text),
  );
  const gateway = await startGatewayProcess(directory);
  const { url, adminUrl } = gateway;
  const token = (scopes: string[], client: string) =>
    tokenOf({
      subject: callerId,
      client,
      scopes,
      claims: {
        note: all('claim'),
        email: secret('email', 'claim'),
        name: secret('name', 'claim'),
      },
    });
  const tokens = {
    anonymous: undefined,
    plain: await token([], 'portal'),
    sees: await token(['ssn', 'iban'], 'portal'),
    masked: await token(['masked'], 'portal'),
    hurried: await token(['ssn'], 'hurried'),
    forged: `${await token(['ssn'], 'portal')}x`,
    nonsense: secret('token', 'badToken'),
  };
  const answers: Sent[] = [];
  const ask = async (query: string, one: string | undefined): Promise<void> => {
    const mayHoldSsn = one !== undefined && [tokens.sees, tokens.hurried].includes(one);
    const body = JSON.stringify(bodyOf(query));
    answers.push(await send(url, { headers: headersOf(one), body, mayHoldSsn }));
  };
  // Few at a time: a gateway that has too much to do sheds, and then nothing is tried.
  for (const query of documents) {
    await Promise.all(Object.values(tokens).map((one) => ask(query, one)));
  }
  for (const one of [tokens.sees, tokens.masked, tokens.anonymous]) {
    await Promise.all(failing.map((query) => ask(query, one)));
  }
  const plain = headersOf(undefined);
  const at = (path: string): string => new URL(path, url).href;
  const odd = [
    send(at(`/${secret('digits', 'url')}`), { headers: plain, body: all('body') }),
    send(at(`/graphql?query=${encodeURIComponent(`{ person(id: "${all('url')}") { id } }`)}`), {
      method: 'GET',
      headers: plain,
    }),
    send(at(`/graphql?x=${encodeURIComponent(all('url'))}`), {
      method: 'PROPFIND',
      headers: plain,
    }),
    send(url, { headers: plain, body: `{"query": "${all('body')}` }),
    send(url, { headers: plain, body: JSON.stringify({ documentId: all('body') }) }),
    send(url, {
      headers: plain,
      body: JSON.stringify({ query: all('body'), operationName: all('body') }),
    }),
    send(url, {
      headers: plain,
      body: JSON.stringify({ query: '{ person(id: "1") { id } }', operationName }),
    }),
    send(url, { headers: { ...plain, 'content-type': all('header') }, body: all('body') }),
    send(url, { headers: { ...plain, accept: all('header') }, body: '{}' }),
    send(url, { headers: { ...plain, authorization: `Basic ${all('badToken')}` }, body: '{}' }),
    send(url, {
      headers: headersOf(tokens.sees, blockedAddress),
      body: JSON.stringify(bodyOf(documents[0] ?? '')),
    }),
    send(url, { headers: headersOf(undefined, all('header')), body: '{}' }),
    send(url, {
      headers: headersOf(tokens.sees),
      body: JSON.stringify(documents.slice(0, 8).map((one) => bodyOf(one))),
      mayHoldSsn: true,
    }),
    send(url, {
      headers: headersOf(tokens.plain),
      body: JSON.stringify([{ query: 1, note: all('body') }, all('body')]),
    }),
    send(url, {
      headers: plain,
      body: JSON.stringify({
        query: '{ a }',
        extensions: { persistedQuery: { version: 1, sha256Hash: all('extension') } },
      }),
    }),
    ...Array.from({ length: 60 }, () =>
      send(url, { headers: plain, body: `{"q": "${all('body')}"}` }),
    ),
  ];
  answers.push(...(await Promise.all(odd)));
  await hangUp(url, {
    headers: headersOf(tokens.sees),
    body: JSON.stringify(bodyOf(`{ person(id: "hangs left ${all('literal')}") { ssn } }`)),
    asked: waits.promise,
  });
  const admin = await Promise.all(
    [
      '/metrics',
      `/${encodeURIComponent(all('url'))}`,
      '/health',
      '/ready',
      '/console/state',
      `/console/state?after=${encodeURIComponent(all('url'))}`,
      `/console/${encodeURIComponent(all('url'))}`,
    ].map((path) =>
      send(`${adminUrl}${path}`, { method: 'GET', headers: { 'user-agent': all('header') } }),
    ),
  );
  const { code } = await gateway.end('SIGTERM');
  await Promise.all([people.close(), notes.close(), sink.close()]);
  const audit = await auditLines(join(directory, 'audit'));
  const disk = await everythingIn(join(directory, 'audit'));
  await removeGatewayFiles(directory);

  // The secrets were there to be leaked: upstreams got them, and callers who may.
  expect(code).toBe(0);
  const sent = seen.join('\n');
  expect(found(sent).length).toBeGreaterThan(20);
  for (const place of ['literal', 'variable', 'defaultValue', 'header', 'claim'] as const) {
    expect(sent.includes(secret('email', place)), place).toBe(true);
  }
  for (const how of failures) expect(sent.split(`${how} `).length, how).toBeGreaterThan(2);
  expect(answers.some(({ text }) => text.includes(secret('ssn', 'upstreamData')))).toBe(true);
  const decided = admin.find(({ text }) => text.includes('"decisions":'))?.text ?? '';
  expect(JSON.parse(decided).processes[0].decisions.length).toBeGreaterThan(100);
  // Every path was walked.
  const events = audit.map((line) => JSON.parse(line));
  const decisions = new Set(events.map((one) => one.unmapped.gateway.decision));
  for (const decision of [
    'allowed',
    'masked',
    'field_denied',
    'rate_limited',
    'network_blocked',
    'auth_failed',
    'limit_exceeded',
    'request_rejected',
    'upstream_failed',
    'abandoned',
  ])
    expect(decisions, decision).toContain(decision);
  const whole = events.filter((one) => one.unmapped.gateway.upstream_calls !== undefined);
  expect(whole.length).toBeGreaterThan(100);
  expect(sink.complaints).toEqual([]);
  const signals = new Set(sink.requests.map(({ signal }) => signal));
  expect(signals).toEqual(new Set(['logs', 'traces', 'metrics']));
  const bodies = sink.accepted('logs').map(({ body }) => JSON.stringify(body));
  expect(bodies.length).toBeGreaterThanOrEqual(events.length - 2);
  expect(disk).toContain(callerId);
  expect(disk).toContain(address);

  const outside = sink.requests.filter(({ signal }) => signal !== 'logs');
  const asText = (requests: typeof outside) =>
    requests
      .map(({ bytes, headers }) => `${bytes.toString('latin1')} ${JSON.stringify(headers)}`)
      .join('\n');
  const spansAndMetrics = asText(outside);
  const tokensSent = Object.values(tokens).filter((one) => one !== undefined);
  const left = {
    'the audit directory': disk,
    'what was forwarded': asText(sink.requests.filter(({ signal }) => signal === 'logs')),
    'spans and metrics': spansAndMetrics,
    'console and log': gateway.printed(),
    'the admin port': admin.map(({ text, headers }) => text + headers).join('\n'),
    'errors of answers': answers.map(errorsOf).join('\n'),
  };
  for (const [where, text] of Object.entries(left)) {
    // Whoever asks for a field that there is not is told its name.
    const told = where === 'errors of answers' ? [secret('digits', 'madeUpName')] : [];
    expect(found(text, told), where).toEqual([]);
    expect(text.includes(operationName), `operation name in ${where}`).toBe(false);
    for (const one of tokensSent) expect(text.includes(one), `token in ${where}`).toBe(false);
    // A hash of a document with its literals would be a riddle that any computer solves.
    const hashes = [...documents, ...failing].map((one) =>
      createHash('sha256').update(one).digest('hex'),
    );
    const plainHashes = hashes.filter(
      (one, index) => /"/.test([...documents, ...failing][index] ?? '') && text.includes(one),
    );
    expect(plainHashes, where).toEqual([]);
  }
  for (const where of [
    'spans and metrics',
    'console and log',
    'the admin port',
    'errors of answers',
  ] as const) {
    expect(left[where].includes(callerId), where).toBe(false);
    expect(left[where].includes(address), where).toBe(false);
  }
  const foreign = answers
    .filter(({ mayHoldSsn }) => !mayHoldSsn)
    .map(({ text }) => text)
    .join('\n');
  expect(foreign.includes(secret('ssn', 'upstreamData'))).toBe(false);
});
