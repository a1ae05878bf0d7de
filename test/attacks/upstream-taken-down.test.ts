/**
 * A caller knows what an upstream stumbles over, and asks for it again and again: the upstream is
 * there, and answers everybody else. Its errors must not open the circuit for all, nor keep it open.
 */
import { expect, it, onTestFinished } from 'vitest';
import { askPerson } from '../support/ask-person.ts';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const stumble = 'boom';

it('an upstream that one caller makes fail is there for all others', async () => {
  const upstream = await playUpstream((_request, response, body) => {
    response.setHeader('content-type', 'application/json');
    response.statusCode = body.includes(stumble) ? 500 : 200;
    response.end(body.includes(stumble) ? 'null' : '{"data":{"person":{"name":"Ada"}}}');
  });
  onTestFinished(() => upstream.close());
  await using gateway = await serveFiles({
    ...smallFiles(upstream.url),
    'policies/network/default.yaml': 'version: 1\ntrustedProxies: 1\n',
  });
  const ask = (id: string, from: string) => askPerson(gateway, id, from);
  // More than what opens the circuit, in which all would count.
  for (let asked = 0; asked < 60; asked += 1)
    expect(await ask(stumble, '192.0.2.1')).toBeUndefined();
  // Nor is one subscriber of IPv6 as many callers as it has addresses.
  for (let asked = 0; asked < 60; asked += 1) await ask(stumble, `2001:db8:1:2::${asked}`);
  expect(await ask('1', '192.0.2.9')).toBe('Ada');
  expect(gateway.lines.filter((line) => line.kind === 'circuit')).toEqual([]);
  // Of many callers they are an outage.
  for (let asked = 1; asked < 60; asked += 1) await ask(stumble, `198.51.100.${asked}`);
  expect(gateway.lines.filter((line) => line.kind === 'circuit')).toMatchObject([{ to: 'open' }]);
});
