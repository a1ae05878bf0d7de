/** A gateway without room, on real sockets: what it answers, and what its metrics say meanwhile. */
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const limits = `
version: 1
limits: { inFlight: 1 }
documents: any
`;
const body = JSON.stringify({ query: '{ person(id: "1") { name } }' });

async function rig() {
  const release = Promise.withResolvers<void>();
  let asked = 0;
  const upstream = await playUpstream(async (_request, response) => {
    asked += 1;
    await release.promise;
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"person":{"name":"Ada","__typename":"Person"}}}');
  });
  const gateway = await serveFiles({
    ...smallFiles(upstream.url),
    'policies/limits/default.yaml': limits,
  });
  onTestFinished(async () => {
    release.resolve();
    await gateway.closeOnly();
    await upstream.close();
  });
  const { hostname, port, pathname } = new URL(gateway.url);
  const bytes =
    `POST ${pathname} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n` +
    `content-length: ${body.length}\r\n\r\n${body}`;
  /** Asks once on a connection of its own; what has come on it so far. */
  const ask = (): (() => string) => {
    const socket = connect(Number(port), hostname);
    onTestFinished(() => void socket.destroy());
    let text = '';
    socket.on('error', () => undefined).setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.write(bytes);
    return () => text;
  };
  const metric = async (name: string): Promise<number> => {
    const text = await gateway.metricsText();
    return Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, 'm').exec(text)?.[1]);
  };
  return { ask, metric, release: release.resolve, asked: () => asked };
}

it('sheds with 503, counts it, and shows how many connections it does not read', async () => {
  const { ask, metric, release, asked } = await rig();
  const first = ask();
  await expect.poll(asked).toBe(1);
  expect(await metric('gateway_load_held_back')).toBe(0);
  const others = Array.from({ length: 500 }, ask);
  await expect
    .poll(() => metric('gateway_load_held_back'), { interval: 1, timeout: 5_000 })
    .toBeGreaterThan(0);
  await expect.poll(() => others.every((text) => text() !== ''), { timeout: 5_000 }).toBe(true);
  for (const text of others) {
    expect(text()).toMatch(/^HTTP\/1\.1 503 .*\r\nretry-after: 1\r\n/is);
  }
  expect(await metric('gateway_load_shed(?:_requests)?_total')).toBe(500);
  release();
  await expect.poll(first).toContain('"name":"Ada"');
  await expect.poll(() => metric('gateway_load_held_back'), { timeout: 5_000 }).toBe(0);
  expect(asked()).toBe(1);
});
