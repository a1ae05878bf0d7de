/**
 * A caller knows what an upstream drops the connection for, or what the proxy in front of it answers
 * 502 or 504 for, and asks for it again and again, at a time at which nobody else does. Then somebody
 * else comes: the upstream is there for them.
 */
import type { ServerResponse } from 'node:http';
import { expect, it, onTestFinished } from 'vitest';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const failures: { name: string; fail: (response: ServerResponse) => void }[] = [
  { name: 'dropped connections', fail: (response) => void response.socket?.destroy() },
  { name: '502', fail: (response) => void response.writeHead(502).end() },
  { name: '503', fail: (response) => void response.writeHead(503).end() },
  { name: '504', fail: (response) => void response.writeHead(504).end() },
];

it.each(failures)('$name of one caller are nobody else’s', async ({ fail }) => {
  const upstream = await playUpstream((_request, response, body) => {
    if (body.includes('boom')) return fail(response);
    response.setHeader('content-type', 'application/json');
    return response.end('{"data":{"person":{"name":"Ada"}}}');
  });
  onTestFinished(() => upstream.close());
  await using gateway = await serveFiles({
    ...smallFiles(upstream.url),
    'policies/network/default.yaml': 'version: 1\ntrustedProxies: 1\n',
  });
  const ask = async (id: string, from: string) => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
      body: JSON.stringify({ query: `{ person(id: "${id}") { name } }` }),
    });
    return (await response.json()).data?.person?.name;
  };
  const circuits = () => gateway.lines.filter(({ kind }) => kind === 'circuit');
  for (let asked = 0; asked < 60; asked += 1)
    expect(await ask('boom', '192.0.2.1')).not.toBe('Ada');
  expect(circuits()).toMatchObject([{ of: 'caller', to: 'open' }]);
  expect(await ask('1', '192.0.2.9')).toBe('Ada');
  // Two others join in: still a few of many.
  for (const from of ['192.0.2.2', '192.0.2.3'])
    for (let asked = 0; asked < 60; asked += 1) await ask('boom', from);
  expect(await ask('1', '192.0.2.9')).toBe('Ada');
  expect(circuits().filter(({ of }) => of === 'all')).toEqual([]);
  // Of many callers they are an outage.
  for (let asked = 1; asked < 60; asked += 1) await ask('boom', `198.51.100.${asked}`);
  expect(circuits()).toContainEqual(expect.objectContaining({ of: 'all', to: 'open' }));
});
