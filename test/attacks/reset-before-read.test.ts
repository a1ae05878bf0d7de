/**
 * A caller resets its connection as soon as it has sent its request. The system still hands over
 * what was sent, but no longer says from where: the request came from nobody, who is taken neither
 * for a proxy, whose word on an address counts, nor for a caller who may have work done.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startServer } from '../../gateway/http/server.ts';
import { createAuthority } from '../support/certificates.ts';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const body = JSON.stringify({ query: 'mutation { rename(id: 1, name: "Eve") { name } }' });
const head = (forwardedFor: string): string =>
  `POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Forwarded-For: ${forwardedFor}\r\nContent-Length: ${body.length}\r\n\r\n`;

/** In another process, while this one takes no connection: sent and reset before it looks. */
function sendAndReset(port: string, text: string): void {
  const script = `
    const socket = require('node:net').connect(${port}, '127.0.0.1', () => {
      socket.write(${JSON.stringify(text)}, () => socket.resetAndDestroy());
    });`;
  expect(spawnSync(process.execPath, ['-e', script]).status).toBe(0);
}

const network = (proxies: string): string => `
version: 1
trustedProxies: ${proxies}
lists: { office: { file: office.txt } }
`;
const access = `
version: 1
rules:
  - { name: all, fields: { Query: [person], Person: [name] }, allow: everyone }
  - { name: writes, fields: { Mutation: [rename] }, allow: { network: office } }
`;

describe('who is gone before anybody asks where from', () => {
  it.each([
    { name: 'is no proxy', proxies: '[10.0.0.0/8]' },
    { name: 'has nothing done by way of a proxy', proxies: '[127.0.0.0/8]' },
    { name: 'has nothing done by way of a counted proxy', proxies: '1' },
  ])('$name', async ({ proxies }) => {
    let asked = 0;
    const upstream = await playUpstream((_request, response) => {
      asked += 1;
      response.setHeader('content-type', 'application/json');
      response.end('{"data":{"rename":{"name":"Eve"}}}');
    });
    onTestFinished(() => upstream.close());
    await using gateway = await serveFiles({
      ...smallFiles(upstream.url),
      'policies/network/default.yaml': network(proxies),
      'policies/network/office.txt': '198.51.100.0/24\n',
      'policies/access/staff.yaml': access,
    });
    sendAndReset(new URL(gateway.url).port, `${head('198.51.100.7')}${body}`);
    const requests = () => gateway.lines.filter((line) => line.kind === 'request');
    await expect.poll(requests, { timeout: 20_000 }).toHaveLength(1);
    const [line] = requests();
    expect({ reason: line?.reason, asked }).toEqual({ reason: 'admit/address-unknown', asked: 0 });
  });
});

describe('who resets a connection that was taken before', () => {
  it.each([
    { name: 'plain', tls: false },
    { name: 'TLS', tls: true },
  ])('is known by it: $name', async ({ tls }) => {
    const pair = tls ? await (await createAuthority()).issue('gateway', 'IP:127.0.0.1') : undefined;
    const peers: string[] = [];
    const server = await startServer(
      {
        async handle({ peer }, send) {
          peers.push(peer);
          await send({ status: 200, headers: {}, body: '{}' });
        },
      },
      { host: '127.0.0.1', port: 0, tls: pair },
    );
    onTestFinished(() => server.close(0));
    const open = async () => {
      const raw = connect(server.port, '127.0.0.1');
      const socket = tls ? connectTls({ socket: raw, rejectUnauthorized: false }) : raw;
      await once(socket, tls ? 'secureConnect' : 'connect');
      return { raw, socket };
    };
    const first = await open();
    // Connections are taken in their order: when this one is answered, the first was.
    const second = await open();
    second.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(second.socket, 'data');
    first.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    first.raw.resetAndDestroy();
    await expect.poll(() => peers, { timeout: 20_000 }).toEqual(['127.0.0.1', '127.0.0.1']);
  });
});
