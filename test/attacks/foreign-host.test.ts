/**
 * A page whose name is pointed at the gateway's address after it was loaded (DNS rebinding) is of
 * one origin with it: its reader's place in the network would be its credential. It cannot help but
 * send its own name.
 */
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { text } from 'node:stream/consumers';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createAuthority, type Pair } from '../support/certificates.ts';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

async function serveAs(listen: string, options: { dev?: boolean } = {}) {
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"person":{"name":"Ada"}}}');
  });
  onTestFinished(() => upstream.close());
  const files = smallFiles(upstream.url);
  const gateway = await serveFiles(
    { ...files, 'gateway.yaml': String(files['gateway.yaml']).replace(/^listen: .*$/m, listen) },
    options,
  );
  onTestFinished(() => gateway.close());
  return gateway;
}

interface Asked {
  readonly method: 'GET' | 'POST' | 'OPTIONS';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

function send({ url, body, ...options }: Asked) {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number;
    body: string;
    origin: string | undefined;
  }>();
  const isTls = url.startsWith('https:');
  // Whose certificate it is, is no question of this test.
  const sent = isTls
    ? requestTls(url, { ...options, rejectUnauthorized: false })
    : request(url, options);
  sent.on('error', reject).on('response', async (response) => {
    const { statusCode: status = 0, headers } = response;
    const origin = headers['access-control-allow-origin'];
    resolve({ status, body: await text(response), origin });
  });
  sent.end(body);
  return promise;
}

function ask(url: string, host: string, method: 'GET' | 'POST' = 'POST') {
  const query = '{ person(id: "1") { name } }';
  const headers = { host, 'content-type': 'application/json' };
  return method === 'POST'
    ? send({ method, url, headers, body: JSON.stringify({ query }) })
    : send({ method, url: `${url}?query=${encodeURIComponent(query)}`, headers });
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

describe('whatever else the port answers', () => {
  let pair: Pair;
  beforeAll(async () => {
    pair = await (await createAuthority()).issue('localhost', 'IP:127.0.0.1');
  });
  const origin = 'https://app.example.com';
  const asked: { name: string; about: Omit<Asked, 'url'>; own: number }[] = [
    {
      name: 'a preflight',
      about: { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } },
      own: 204,
    },
    {
      name: 'the page of --dev',
      about: { method: 'GET', headers: { accept: 'text/html' } },
      own: 200,
    },
    {
      name: 'a page of another origin',
      about: {
        method: 'POST',
        headers: { origin, 'content-type': 'application/json' },
        body: '{"query":"{ __typename }"}',
      },
      own: 200,
    },
  ];

  it.each(asked)('$name is for those that ask for it by its names', async ({ about, own }) => {
    const { certFile, keyFile } = pair;
    for (const tls of ['', `tls: { cert: ${certFile}, key: ${keyFile} }, `]) {
      const hosts = 'hosts: [api.example.com, api.example.org]';
      const gateway = await serveAs(
        `listen: { port: 0, ${tls}${hosts}, cors: { origins: ["${origin}"] } }`,
        { dev: true },
      );
      const { url } = gateway;
      const statusAt = async (host: string) => {
        return (await send({ ...about, url, headers: { ...about.headers, host } })).status;
      };
      const named = ['api.example.com', 'api.example.org:443', 'evil.example', 'localhost'];
      expect(await Promise.all(named.map(statusAt))).toEqual([own, own, 421, 421]);
      await gateway.close();
    }
  });

  it('an origin is told that it may read, and no other', async () => {
    const gateway = await serveAs(
      `listen: { port: 0, hosts: [api.example.com], cors: { origins: ["${origin}"] } }`,
    );
    const originsAt = async (from: string) => {
      const headers = {
        host: 'api.example.com',
        origin: from,
        'access-control-request-method': 'POST',
      };
      return (await send({ method: 'OPTIONS', url: gateway.url, headers })).origin;
    };
    expect(await originsAt(origin)).toBe(origin);
    expect(await originsAt('https://api.example.com')).toBeUndefined();
  });
});
