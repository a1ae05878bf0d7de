/**
 * A flood of inputs over sockets: by POST and by GET, behind a hash, an id or a list, and in bodies of
 * other kinds. What floods does not fit its type either, so that coercing it first would say so.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlayedUpstream, playUpstream, type Served, serveFiles } from '../support/served.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const sum = 'query Sum($of: [In!]) { sum(of: $of) }';
const trusted = 'query Trusted($of: [In!]) { sum(of: $of) }';
const usual = { of: [{ a: 1 }, {}] };
const flood = { of: [...Array.from({ length: 40 }, () => ({})), { a: 'no number' }] };

const files = (url: string, limits: string) => ({
  'gateway.yaml': `
version: 1
listen: { port: 0 }
admin: { port: 0 }
batch: { max: 3 }
upstreams: { sums: { graphql: sums.graphql, url: "${url}" } }
identity: { anonymous: allow }
`,
  'sums.graphql':
    'type Query { sum(of: [In!]): Int } type Mutation { add(of: [In!]): Int } input In { a: Int b: Int c: Int d: Int }',
  'policies/access/sums.yaml':
    'version: 1\nrules: [{ name: all, fields: { Query: [sum], Mutation: [add], In: [a, b, c, d] }, allow: everyone }]\n',
  'policies/limits/default.yaml': `version: 1\nlimits: { inputs: 100 }\n${limits}\n`,
  'manifest.json': JSON.stringify({ [hash(trusted)]: trusted }),
});

let upstream: PlayedUpstream;
let any: Served;
let manifest: Served;
let asked = 0;
beforeAll(async () => {
  upstream = await playUpstream((_request, response) => {
    asked += 1;
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"sum":1,"add":1}}');
  });
  any = await serveFiles(files(upstream.url, 'persistedQueries: { enabled: true }'));
  manifest = await serveFiles(
    files(upstream.url, 'documents: trusted\nmanifest: ../../manifest.json'),
  );
  await post(any, { query: sum, ...persisted(sum), variables: usual });
});
afterAll(async () => {
  await any.close();
  await manifest.close();
  await upstream.close();
});

const json = { 'content-type': 'application/json' };
const post = (gateway: Served, body: unknown) =>
  fetch(gateway.url, { method: 'POST', headers: json, body: JSON.stringify(body) });
const get = (gateway: Served, words: Record<string, unknown>) => {
  const texts = Object.entries(words).map(([name, value]) => {
    return [name, typeof value === 'string' ? value : JSON.stringify(value)];
  });
  return fetch(`${gateway.url}?${new URLSearchParams(texts)}`);
};
const persisted = (text: string) => ({
  extensions: { persistedQuery: { version: 1, sha256Hash: hash(text) } },
});

type Send = (variables: object) => Promise<Response>;
const ways: { name: string; send: Send }[] = [
  { name: 'a text by POST', send: (variables) => post(any, { query: sum, variables }) },
  { name: 'a text by GET', send: (variables) => get(any, { query: sum, variables }) },
  {
    name: 'a text that is to be kept',
    send: (variables) => post(any, { query: sum, ...persisted(sum), variables }),
  },
  {
    name: 'a text that is to be kept, by GET',
    send: (variables) => get(any, { query: sum, ...persisted(sum), variables }),
  },
  { name: 'a kept text', send: (variables) => post(any, { ...persisted(sum), variables }) },
  { name: 'a kept text by GET', send: (variables) => get(any, { ...persisted(sum), variables }) },
  {
    name: 'a trusted text',
    send: (variables) => post(manifest, { query: trusted, variables }),
  },
  {
    name: 'a trusted id',
    send: (variables) => post(manifest, { documentId: hash(trusted), variables }),
  },
  {
    name: 'a trusted id by GET',
    send: (variables) => get(manifest, { documentId: hash(trusted), variables }),
  },
  {
    name: 'the hash of a trusted text',
    send: (variables) => get(manifest, { ...persisted(trusted), variables }),
  },
];

const codeOf = ({ errors }: { errors?: { extensions: { code: string } }[] }) =>
  errors?.map(({ extensions }) => extensions.code);

describe('a flood is refused, and what is none passes', () => {
  it.each(ways)('$name', async ({ send }) => {
    asked = 0;
    expect(await (await send(usual)).json()).toEqual({ data: { sum: 1 } });
    expect(asked).toBe(1);
    const answer = await send(flood);
    expect([answer.status, codeOf(await answer.json())]).toEqual([400, ['DOCUMENT_TOO_LARGE']]);
    expect(asked).toBe(1);
  });

  it.each([
    ['a list of operations', () => any, { query: sum }],
    ['a list of ids', () => manifest, { documentId: hash(trusted) }],
  ] as const)('%s, each in its place', async (_name, gateway, named) => {
    asked = 0;
    const entries = [flood, usual, flood].map((variables) => ({ ...named, variables }));
    const answers = (await (await post(gateway(), entries)).json()) as object[];
    expect(answers.map(codeOf)).toEqual([
      ['DOCUMENT_TOO_LARGE'],
      undefined,
      ['DOCUMENT_TOO_LARGE'],
    ]);
    expect(asked).toBe(1);
  });
});

describe('nobody else counts or coerces', () => {
  const form = new FormData();
  form.set('operations', JSON.stringify({ query: sum, variables: flood }));
  form.set('map', '{"0":["variables.of.0.a"]}');
  form.set('0', new Blob(['1']), 'one.txt');
  const odd: { name: string; init: RequestInit; wanted: [number, string] }[] = [
    { name: 'a form with files', init: { body: form }, wanted: [415, 'UNSUPPORTED_MEDIA_TYPE'] },
    {
      name: 'a form',
      init: { body: new URLSearchParams({ query: sum, variables: JSON.stringify(flood) }) },
      wanted: [415, 'UNSUPPORTED_MEDIA_TYPE'],
    },
    {
      name: 'variables as text',
      init: {
        headers: json,
        body: JSON.stringify({ query: sum, variables: JSON.stringify(flood) }),
      },
      wanted: [400, 'BAD_REQUEST'],
    },
    {
      name: 'a list of variables',
      init: { headers: json, body: JSON.stringify({ query: sum, variables: [usual, flood] }) },
      wanted: [400, 'BAD_REQUEST'],
    },
  ];

  it.each(odd)('$name', async ({ init, wanted }) => {
    asked = 0;
    const answer = await fetch(any.url, { method: 'POST', ...init });
    expect([answer.status, codeOf(await answer.json())?.[0]]).toEqual(wanted);
    expect(asked).toBe(0);
  });

  it('a mutation by GET is refused for its method', async () => {
    asked = 0;
    const answer = await get(any, {
      query: 'mutation ($of: [In!]) { add(of: $of) }',
      variables: flood,
    });
    expect([answer.status, asked]).toEqual([405, 0]);
  });
});
