/**
 * A page whose name is pointed at the gateway's address after it was loaded (DNS rebinding) is of
 * one origin with it: its reader's place in the network would be its credential. It cannot help but
 * send its own name.
 */
import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

async function serveAs(listen: string) {
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"person":{"name":"Ada"}}}');
  });
  onTestFinished(() => upstream.close());
  const files = smallFiles(upstream.url);
  const gateway = await serveFiles({
    ...files,
    'gateway.yaml': String(files['gateway.yaml']).replace(/^listen: .*$/m, listen),
  });
  onTestFinished(() => gateway.close());
  return gateway;
}

function ask(url: string, host: string, method: 'GET' | 'POST' = 'POST') {
  const query = '{ person(id: "1") { name } }';
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const to = method === 'POST' ? url : `${url}?query=${encodeURIComponent(query)}`;
  const sent = request(to, { method, headers: { host, 'content-type': 'application/json' } });
  sent.on('error', reject).on('response', async (response) => {
    resolve({ status: response.statusCode ?? 0, body: await text(response) });
  });
  sent.end(method === 'POST' ? JSON.stringify({ query }) : undefined);
  return promise;
}

const named = 'listen: { port: 0, hosts: [API.example.com, 10.1.2.3, "2001:DB8::1"] }';
const table: { host: string; expect: number }[] = [
  { host: 'api.example.com', expect: 200 },
  { host: 'API.Example.com:8443', expect: 200 },
  { host: 'api.example.com.', expect: 200 },
  { host: '10.1.2.3:4000', expect: 200 },
  { host: '[2001:db8:0::1]:4000', expect: 200 },
  { host: 'evil.example', expect: 421 },
  { host: 'evil.example:4000', expect: 421 },
  { host: 'api.example.com.evil.example', expect: 421 },
  { host: 'xapi.example.com', expect: 421 },
  { host: 'api.example.com@evil.example', expect: 421 },
  { host: 'evil.example/api.example.com', expect: 421 },
  { host: 'api.example.com:80:80', expect: 421 },
  { host: 'api.example.com, evil.example', expect: 421 },
  { host: '127.0.0.1', expect: 421 },
  { host: '', expect: 421 },
];

it.each(table)(
  'with names of its own, $host is answered $expect',
  async ({ host, expect: status }) => {
    const gateway = await serveAs(named);
    for (const method of ['POST', 'GET'] as const) {
      const answer = await ask(gateway.url, host, method);
      expect(answer.status).toBe(status);
      expect(answer.body.includes('Ada')).toBe(status === 200);
    }
    const reasons = gateway.lines
      .filter(({ kind }) => kind === 'request')
      .map(({ reason }) => reason);
    expect(new Set(reasons)).toEqual(new Set([status === 200 ? undefined : 'admit/host']));
  },
);

it('without names of its own it answers to any', async () => {
  const gateway = await serveAs('listen: { port: 0 }');
  expect((await ask(gateway.url, 'evil.example')).status).toBe(200);
});
