/**
 * A caller knows what an upstream takes too long for, and asks for it again and again: the upstream
 * is there, and answers everybody else in time. Its circuit must not open for all.
 */
import { expect, it, onTestFinished } from 'vitest';
import { askPerson } from '../support/ask-person.ts';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

it('an upstream that one caller keeps waiting is there for all others', async () => {
  let silent = false;
  const upstream = await playUpstream((_request, response, body) => {
    response.setHeader('content-type', 'application/json');
    if (!silent && !body.includes('slow')) response.end('{"data":{"person":{"name":"Ada"}}}');
  });
  onTestFinished(() => upstream.close());
  const files = smallFiles(upstream.url);
  await using gateway = await serveFiles({
    ...files,
    'gateway.yaml': String(files['gateway.yaml']).replace(
      `url: ${upstream.url} }`,
      `url: ${upstream.url}, timeoutMs: 1000 }`,
    ),
    'policies/network/default.yaml': 'version: 1\ntrustedProxies: 1\n',
  });
  const ask = (id: string, from: string) => askPerson(gateway, id, from);
  const circuits = () => gateway.lines.filter((line) => line.kind === 'circuit');
  let waiting = 40;
  const slow = Array.from({ length: waiting }, async () => {
    const name = await ask('slow', '198.51.100.1');
    waiting -= 1;
    return name;
  });
  // As long as any of them waits, others are answered.
  while (waiting > 0) {
    await ask('1', '198.51.100.2');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(await Promise.all(slow)).not.toContain('Ada');
  expect(await ask('1', '198.51.100.2')).toBe('Ada');
  expect(circuits()).toEqual([]);
  // Where it answers nobody, one caller is enough to tell.
  silent = true;
  await Promise.all(Array.from({ length: 40 }, () => ask('1', '198.51.100.1')));
  expect(circuits()).toMatchObject([{ to: 'open' }]);
});
