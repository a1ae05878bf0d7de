/**
 * Trusted documents over sockets: a caller who spells ids and texts in other ways, hides a text
 * behind an id, sends parts by URL and by body, or picks a mutation by name, runs nothing but what
 * the manifests of both kinds hold. Each case counts what the upstream was asked.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type PlayedUpstream,
  playUpstream,
  type Served,
  serveFiles,
  smallFiles,
} from '../support/served.ts';

const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
const read = 'query Read { staff { id } }';
const two = 'query Read { staff { id } } mutation Write { rename(id: 1, name: "x") { id } }';
const odd = '{ person(id: "$\u007bHOME} \\" \\\\ \u2028 {}") { name } }';
const foreign = '{ staff { name } }';
const apollo = {
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: [{ id: hash(read), name: 'Read', type: 'query', body: read, clientName: null }],
};
const codegen = { [hash(two)]: two, [hash(odd)]: odd, constructor: read };

let upstream: PlayedUpstream;
let gateway: Served;
const asked: string[] = [];
beforeAll(async () => {
  upstream = await playUpstream((_request, response, body) => {
    asked.push(body);
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"staff":[{"id":"1","name":"Ada"}],"person":null,"rename":null}}');
  });
  const files = smallFiles(upstream.url);
  gateway = await serveFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}batch: { max: 3 }\n`,
    'policies/limits/default.yaml':
      'version: 1\ndocuments: trusted\nmanifest: [../../apollo.json, ../../codegen.json]\n',
    'apollo.json': JSON.stringify(apollo, undefined, 2),
    'codegen.json': JSON.stringify(codegen),
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const persisted = (sha256Hash: unknown, version: unknown = 1) => ({
  persistedQuery: { version, sha256Hash },
});
const toSearch = (words: Record<string, unknown>): string =>
  `?${new URLSearchParams(
    Object.entries(words).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  )}`;

interface Case {
  readonly name: string;
  /** By POST. */
  readonly body?: unknown;
  /** By GET where there is no body. */
  readonly search?: Record<string, unknown>;
  /** Calls of the upstream. */
  readonly calls: number;
}

const runs: Case[] = [
  { name: 'an id of Apollo', body: { documentId: hash(read) }, calls: 1 },
  { name: 'an id of Codegen', body: { extensions: persisted(hash(odd)) }, calls: 1 },
  { name: 'an id with its prefix', body: { documentId: `sha256:${hash(read)}` }, calls: 1 },
  { name: 'an id by GET', search: { documentId: hash(read) }, calls: 1 },
  { name: 'a text', body: { query: odd }, calls: 1 },
  { name: 'a mutation', body: { documentId: hash(two), operationName: 'Write' }, calls: 1 },
];

const refused: Case[] = [
  { name: 'another text', body: { query: foreign }, calls: 0 },
  { name: 'the text with a comment', body: { query: `${read}#` }, calls: 0 },
  { name: 'introspection', body: { query: '{ __typename }' }, calls: 0 },
  { name: 'an id in capitals', body: { documentId: hash(read).toUpperCase() }, calls: 0 },
  { name: 'two prefixes', body: { documentId: `sha256:sha256:${hash(read)}` }, calls: 0 },
  { name: 'a prefix in capitals', body: { documentId: `SHA256:${hash(read)}` }, calls: 0 },
  { name: 'an id with a blank', body: { documentId: ` ${hash(read)}` }, calls: 0 },
  { name: 'the name of a prototype', body: { documentId: '__proto__' }, calls: 0 },
  { name: 'an inherited name', body: { documentId: 'toString' }, calls: 0 },
  { name: 'a list of ids', body: { documentId: [hash(read)] }, calls: 0 },
  {
    name: 'another text behind an id',
    body: { documentId: hash(read), query: foreign },
    calls: 0,
  },
  {
    name: 'another text behind a hash',
    body: { query: foreign, extensions: persisted(hash(read)) },
    calls: 0,
  },
  {
    name: 'a text with its own hash',
    body: { query: foreign, extensions: persisted(hash(foreign)) },
    calls: 0,
  },
  {
    name: 'two ids',
    body: { documentId: hash(read), extensions: persisted(hash(two)), operationName: 'Read' },
    calls: 0,
  },
  { name: 'another version', body: { extensions: persisted(hash(read), 2) }, calls: 0 },
  { name: 'a version as text', body: { extensions: persisted(hash(read), '1') }, calls: 0 },
  {
    name: 'a text behind an id in the URL',
    body: { query: foreign },
    search: { documentId: hash(read) },
    calls: 0,
  },
  { name: 'no operation of two', body: { documentId: hash(two) }, calls: 0 },
  {
    name: 'an operation that is not there',
    body: { documentId: hash(two), operationName: '__proto__' },
    calls: 0,
  },
  {
    name: 'a mutation by GET',
    search: { documentId: hash(two), operationName: 'Write' },
    calls: 0,
  },
  {
    name: 'a mutation by its hash and GET',
    search: { extensions: persisted(hash(two)), operationName: 'Write' },
    calls: 0,
  },
];

async function send({ body, search }: Case): Promise<{ text: string; calls: number }> {
  const before = asked.length;
  const url = gateway.url + (search === undefined ? '' : toSearch(search));
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(
    url,
    body === undefined ? {} : { method: 'POST', headers, body: JSON.stringify(body) },
  );
  return { text: await answer.text(), calls: asked.length - before };
}

describe('runs', () => {
  it.each(runs)('$name', async (one) => {
    const { text, calls } = await send(one);
    expect(calls).toBe(one.calls);
    expect(JSON.parse(text)).toHaveProperty('data');
  });
});

describe('refuses', () => {
  it.each(refused)('$name', async (one) => {
    const { text, calls } = await send(one);
    expect(calls).toBe(one.calls);
    expect(JSON.parse(text).errors).toHaveLength(1);
    expect(JSON.parse(text)).not.toHaveProperty('data');
  });
});

it('each entry of a list stands for itself', async () => {
  const entries = [{ query: foreign }, { documentId: hash(read) }, { query: `${two} ` }];
  const { text, calls } = await send({ name: 'a list', body: entries, calls: 1 });
  expect(calls).toBe(1);
  expect(JSON.parse(text).map((one: object) => 'data' in one)).toEqual([false, true, false]);
});
