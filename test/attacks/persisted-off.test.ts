/**
 * Persisted queries that an operator turns off, or gives less room, while the gateway runs: what
 * was kept before must not run by its hash any longer.
 */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { playUpstream, type Served, serveFiles, smallFiles } from '../support/served.ts';

const limits = 'policies/limits/default.yaml';
const on = 'version: 1\npersistedQueries: { enabled: true }\n';
const off = 'version: 1\npersistedQueries: { enabled: false }\n';
const narrow = 'version: 1\npersistedQueries: { enabled: true, entriesMax: 1 }\n';
const [one, other] = ['{ staff { id } }', '{ staff { name } }'];

async function serveLimits(text: string) {
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{ "data": { "staff": [{ "id": "1", "name": "Ada" }] } }');
  });
  const gateway = await serveFiles({ ...smallFiles(upstream.url), [limits]: text });
  return {
    reload: (changed: string) => reloadWith(gateway, changed),
    keep: (query: string) => send(gateway, query, query),
    byHash: (query: string) => send(gateway, query, undefined),
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await upstream.close();
    },
  };
}

async function reloadWith(gateway: Served, text: string): Promise<void> {
  await writeFile(join(gateway.directory, limits), text);
  await gateway.reload();
}

/** The code of the error, or `data`. */
async function send(gateway: Served, hashed: string, query: string | undefined): Promise<string> {
  const sha256Hash = createHash('sha256').update(hashed).digest('hex');
  const answer = await fetch(gateway.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, extensions: { persistedQuery: { version: 1, sha256Hash } } }),
  });
  const body = (await answer.json()) as {
    data?: object;
    errors?: { extensions: { code: string } }[];
  };
  return body.errors?.[0]?.extensions.code ?? (body.data ? 'data' : 'nothing');
}

test('a hash runs nothing once they are off, and nothing old once they are on again', async () => {
  await using served = await serveLimits(on);
  expect([await served.keep(one), await served.byHash(one)]).toEqual(['data', 'data']);
  await served.reload(off);
  expect(await served.byHash(one)).toBe('PERSISTED_QUERY_NOT_SUPPORTED');
  expect(await served.keep(other)).toBe('PERSISTED_QUERY_NOT_SUPPORTED');
  await served.reload(on);
  expect(await served.byHash(one)).toBe('PERSISTED_QUERY_NOT_FOUND');
});

test('turned on, they are there without a new start', async () => {
  await using served = await serveLimits(off);
  await served.reload(on);
  expect([await served.keep(one), await served.byHash(one)]).toEqual(['data', 'data']);
});

test('with less room than before, what finds none is gone', async () => {
  await using served = await serveLimits(on);
  expect([await served.keep(one), await served.keep(other)]).toEqual(['data', 'data']);
  await served.reload(narrow);
  await served.keep(other);
  expect(await served.byHash(other)).toBe('data');
  expect(await served.byHash(one)).toBe('PERSISTED_QUERY_NOT_FOUND');
});

test('with other policies and the same room, what was kept stays', async () => {
  await using served = await serveLimits(on);
  await served.keep(one);
  await served.reload(`${on}limits: { depth: 9 }\n`);
  expect(await served.byHash(one)).toBe('data');
});
