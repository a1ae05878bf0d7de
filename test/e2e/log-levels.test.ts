/** What an operator is woken for stands in the log with its level, and so does its end. */
import { expect, it } from 'vitest';
import { startRedis } from '../support/redis.ts';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const ask = (url: string): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"query":"{ staff { id } }"}',
  });

async function after<Told>(one: Promise<unknown>, told: () => Told): Promise<Told> {
  await one;
  return told();
}

it('a store that is lost, and one that is back', async () => {
  const redis = await startRedis({ own: true });
  const upstream = await playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"staff":[]}}');
  });
  const files = smallFiles(upstream.url);
  await using gateway = await serveFiles({
    ...files,
    'gateway.yaml': `${files['gateway.yaml']}store: ${redis.url}\nonStoreDown: refuse\n`,
    'policies/rates/all.yaml':
      'version: 1\nrates:\n  - { name: all, per: address, limit: 100000, window: 1m }\n',
  });
  const told = () => gateway.lines.filter(({ kind }) => kind === 'store').map(({ level }) => level);
  await expect.poll(async () => (await ask(gateway.url)).status, { timeout: 10_000 }).toBe(200);
  await redis.kill();
  await expect.poll(() => after(ask(gateway.url), told), { timeout: 10_000 }).toContain('error');
  await redis.restart();
  await expect
    .poll(() => after(ask(gateway.url), () => told().at(-1)), { timeout: 10_000 })
    .toBe('info');
  await redis.stop();
  await upstream.close();
}, 60_000);

it('a circuit that opens, and one that closes', async () => {
  let status = 503;
  const upstream = await playUpstream((_request, response) => {
    response.statusCode = status;
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"staff":[]}}');
  });
  await using gateway = await serveFiles(smallFiles(upstream.url));
  const told = () =>
    gateway.lines.filter(({ kind }) => kind === 'circuit').map(({ level, to }) => [to, level]);
  await expect
    .poll(() => after(ask(gateway.url), told), { timeout: 20_000, interval: 5 })
    .toContainEqual(['open', 'error']);
  status = 200;
  await expect
    .poll(() => after(ask(gateway.url), () => told().at(-1)), { timeout: 20_000 })
    .toEqual(['closed', 'info']);
  await upstream.close();
}, 60_000);
