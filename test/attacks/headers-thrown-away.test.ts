/**
 * Node keeps a bounded number of a request's headers and throws the others away, without a word.
 * What a caller puts first would push out what a proxy adds last: an address that is blocked, or a
 * credential. Headers are counted as too large before there are so many.
 */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type PlayedUpstream,
  playUpstream,
  type Served,
  serveFiles,
  smallFiles,
} from '../support/served.ts';

let upstream: PlayedUpstream;
let gateway: Served;
let asked = 0;
beforeAll(async () => {
  upstream = await playUpstream((_request, response) => {
    asked += 1;
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"staff":[{"id":"1"}]}}');
  });
  gateway = await serveFiles({
    ...smallFiles(upstream.url),
    'policies/network/default.yaml':
      'version: 1\ntrustedProxies: 1\nlists: { bad: { file: bad.txt } }\ndeny: [bad]\n',
    'policies/network/bad.txt': '203.0.113.0/24\n',
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

const body = '{"query":"{ staff { id } }"}';
const [good, bad] = ['X-Forwarded-For: 198.51.100.1', 'X-Forwarded-For: 203.0.113.9'];
const padding = (count: number): string[] => Array.from({ length: count }, () => 'a:');

/** Status of the answer to one request with these lines behind its own. */
function send(lines: readonly string[]): Promise<number> {
  const own = ['Host: x', 'Content-Type: application/json', `Content-Length: ${body.length}`];
  const head = ['POST /graphql HTTP/1.1', ...own, ...lines, 'Connection: close'].join('\r\n');
  const { promise, resolve } = Promise.withResolvers<number>();
  let out = '';
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  socket.on('error', () => undefined).on('close', () => resolve(Number(out.slice(9, 12))));
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    out += chunk;
  });
  socket.write(`${head}\r\n\r\n${body}`);
  return promise;
}

describe('behind any number of headers', () => {
  it.each([0, 100, 1_900, 1_995, 1_996, 1_997, 2_000, 2_100, 3_000, 5_000])('%i', async (count) => {
    const before = asked;
    const credential = ['Authorization: Bearer a', good];
    expect(await send([...padding(count), bad])).toBeGreaterThanOrEqual(400);
    expect(await send([...padding(count), ...credential])).toBeGreaterThanOrEqual(400);
    expect(asked).toBe(before);
  });
});

it('controls: a welcome address comes in, also with many headers; a blocked one does not', async () => {
  expect(await send([good])).toBe(200);
  expect(await send([...padding(800), good])).toBe(200);
  expect(await send([bad])).toBe(403);
});
