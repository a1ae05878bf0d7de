/**
 * A flood from a blocked address over the connection of a proxy that others use as well: real
 * sockets, real files. Each request is judged by its own address, all of them are counted.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const network = `
version: 1
trustedProxies: [127.0.0.0/8]
lists: { blocked: { file: ../blocked.txt, reload: 1s } }
deny: [blocked]
`;

async function rig() {
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"person":{"name":"Ada","__typename":"Person"}}}');
  });
  const gateway = await serveFiles({
    ...smallFiles(upstream.url),
    'policies/network/default.yaml': network,
    'policies/blocked.txt': '203.0.113.0/24\n',
  });
  const { origin, pathname } = new URL(gateway.url);
  // One connection for all.
  const client = new Client(origin);
  let connects = 0;
  client.on('connect', () => {
    connects += 1;
  });
  onTestFinished(async () => {
    await client.close();
    await gateway.closeOnly();
    await upstream.close();
  });
  const ask = async (address: string, more: Record<string, string> = {}) => {
    const { statusCode, headers, body } = await client.request({
      method: 'POST',
      path: pathname,
      headers: { 'content-type': 'application/json', 'x-forwarded-for': address, ...more },
      body: JSON.stringify({ query: '{ person(id: "1") { name } }' }),
    });
    return { status: statusCode, headers, body: await body.text() };
  };
  return { gateway, ask, connects: () => connects };
}

it('no verdict is another address its verdict, on one connection', async () => {
  const { ask, connects } = await rig();
  for (let round = 0; round < 30; round += 1) {
    expect((await ask('203.0.113.9')).status).toBe(403);
    expect((await ask('192.0.2.1, 203.0.113.9')).status).toBe(403);
    expect((await ask('203.0.113.9, 192.0.2.1')).status).toBe(200);
    expect((await ask('192.0.2.1')).status).toBe(200);
    expect((await ask('not an address')).status).toBe(400);
  }
  expect(connects()).toBe(1);
});

it('each is counted once, in the log and in the metrics, and told the same', async () => {
  const { gateway, ask } = await rig();
  const total = 100;
  const answers = [];
  for (let count = 0; count < total; count += 1) answers.push(await ask('203.0.113.9'));
  const [first] = answers;
  expect(new Set(answers.map(({ body }) => body))).toEqual(new Set([first?.body]));
  for (const { headers } of answers) {
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-length': String(first?.body.length),
      date: expect.stringMatching(/ GMT$/),
    });
  }
  const text = await gateway.metricsText();
  expect(text).toMatch(/gateway_refusals_total\{[^}]*reason="admit\/ip-blocked"[^}]*\} 100\b/);
  expect(text).toMatch(/http_server_request_duration_seconds_count\{[^}]*403[^}]*\} 100\b/);
  await gateway.closeOnly();
  const refused = gateway.lines.filter(({ reason }) => reason === 'admit/ip-blocked');
  const counted = refused.map(({ kind, count }) => (kind === 'flood' ? Number(count) : 1));
  expect(counted.reduce((sum, one) => sum + one, 0)).toBe(total);
  expect(refused.length).toBeLessThan(total);
});

it('who leaves the list gets in, in the middle of the flood', async () => {
  const { gateway, ask } = await rig();
  for (let count = 0; count < 50; count += 1) {
    expect((await ask('203.0.113.9')).status).toBe(403);
  }
  await writeFile(join(gateway.directory, 'policies/blocked.txt'), '198.51.100.0/24\n');
  const status = async (address: string) => (await ask(address)).status;
  await expect.poll(() => status('203.0.113.9'), { timeout: 10_000 }).toBe(200);
  expect(await status('198.51.100.1')).toBe(403);
});
