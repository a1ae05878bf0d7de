/**
 * A caller knows what an upstream is slow at, and has as many such calls under way as they can: more
 * than run at once. Whoever comes then is answered while these are still being waited for.
 */
import type { ServerResponse } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

it('an upstream that one caller fills has room for others', async () => {
  const kept: ServerResponse[] = [];
  const answer = (response: ServerResponse): void => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"person":{"name":"Ada"}}}');
  };
  const upstream = await playUpstream((_request, response, body) => {
    if (body.includes('slow')) kept.push(response);
    else answer(response);
  });
  onTestFinished(() => upstream.close());
  const files = smallFiles(upstream.url);
  await using gateway = await serveFiles({
    ...files,
    'gateway.yaml': String(files['gateway.yaml']).replace(
      `url: ${upstream.url} }`,
      `url: ${upstream.url}, connections: 8, timeoutMs: 60000 }`,
    ),
    'policies/network/default.yaml': 'version: 1\ntrustedProxies: 1\n',
    'policies/limits/default.yaml': 'version: 1\nlimits: { timeoutMs: 60000 }\n',
  });
  const ask = async (id: string, from: string): Promise<string | undefined> => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
      body: JSON.stringify({ query: `{ person(id: "${id}") { name } }` }),
    });
    const { data } = await response.json();
    // A machine that does much besides: the gateway sheds a burst, and takes it a little later.
    if (response.status === 503) return setTimeout(100).then(() => ask(id, from));
    return data?.person?.name;
  };
  let ended = 0;
  const slow = Array.from({ length: 40 }, async (_, at) => {
    await ask(`slow ${at}`, '192.0.2.1');
    ended += 1;
  });
  await expect.poll(() => kept.length, { timeout: 20_000 }).toBe(6);
  for (let asked = 0; asked < 5; asked += 1) expect(await ask('1', '192.0.2.9')).toBe('Ada');
  expect(ended).toBe(0);
  // What waited has its turn, and nothing is lost.
  await expect
    .poll(
      () => {
        for (const response of kept.splice(0)) answer(response);
        return ended;
      },
      { timeout: 20_000 },
    )
    .toBe(40);
  await Promise.all(slow);
}, 60_000);
