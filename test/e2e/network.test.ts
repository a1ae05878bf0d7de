/** Conditions on place, and networks that may not come in, through real sockets and real files. */
import { describe, expect, it } from 'vitest';
import { playUpstream, serveFiles, smallFiles } from '../support/served.ts';

const upstreamOf = () =>
  playUpstream((_request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end('{"data":{"person":{"name":"Ada","ssn":"900-11-1111"}}}');
  });

const ask = (url: string, forwardedFor: string) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': forwardedFor },
    body: JSON.stringify({ query: '{ person(id: 1) { name ssn } }' }),
  });

const network = `
version: 1
trustedProxies: [127.0.0.0/8]
lists:
  office: { file: lists/office.txt }
  blocked: { file: lists/blocked.txt }
deny: [blocked]
`;

const filesOf = (url: string, networkFile = network): Record<string, string> => ({
  ...smallFiles(url),
  'policies/network/default.yaml': networkFile,
  'policies/network/lists/office.txt': '198.51.100.0/24\n',
  'policies/network/lists/blocked.txt': '203.0.113.0/24 # known bad\n',
  'policies/access/ssn.yaml': `
version: 1
rules:
  - { name: ssn-in-the-office, fields: { Person: [ssn] }, allow: { network: office } }
`,
});

describe('where a request comes from', () => {
  it('opens a field on a named network alone, whoever asked before', async () => {
    const upstream = await upstreamOf();
    await using gateway = await serveFiles(filesOf(upstream.url));
    const ssnFrom = async (address: string) =>
      (await (await ask(gateway.url, address)).json()).data.person.ssn;
    expect(await ssnFrom('198.51.100.7')).toBe('900-11-1111');
    expect(await ssnFrom('192.0.2.7')).toBeNull();
    expect(await ssnFrom('198.51.100.8')).toBe('900-11-1111');
    await upstream.close();
  });

  it('keeps out what is blocked or cannot be told', async () => {
    const upstream = await upstreamOf();
    await using gateway = await serveFiles(filesOf(upstream.url));
    expect((await ask(gateway.url, '203.0.113.9')).status).toBe(403);
    expect((await ask(gateway.url, 'not an address')).status).toBe(400);
    const requests = gateway.lines.filter((line) => line.kind === 'request');
    expect(requests.map((line) => line.reason)).toEqual([
      'admit/ip-blocked',
      'admit/address-malformed',
    ]);
    await upstream.close();
  });

  it('refuses to start on a condition for a list that is not there', async () => {
    const upstream = await upstreamOf();
    const files = filesOf(upstream.url, 'version: 1\nlists: {}\n');
    await expect(serveFiles(files)).rejects.toMatchObject({
      problems: [{ code: 'unknown-name', line: 4 }],
    });
    await upstream.close();
  });
});
