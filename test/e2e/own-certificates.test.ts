/**
 * The listener's certificate, and the authorities of its callers, are renewed while the gateway runs:
 * for new connections, together or not at all, and those that are open go on.
 */
import { createHash, X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { TLSSocket } from 'node:tls';
import { Agent, buildConnector, request } from 'undici';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { createSigningKey, type SigningKey, signToken } from '../identify/loopback-issuer.ts';
import { type Authority, createAuthority, type Pair } from '../support/certificates.ts';
import { serveTls } from '../support/served-tls.ts';

let authority: Authority;
let next: Authority;
let key: SigningKey;
beforeAll(async () => {
  authority = await createAuthority();
  next = await createAuthority();
  key = await createSigningKey('k1');
});

const thumbprint = ({ cert }: Pair): string =>
  createHash('sha256').update(new X509Certificate(cert).raw).digest('base64url');

/** A client with a connection of its own: the name on the certificate that it was shown, and the status. */
async function createClient(url: string, own: Pair) {
  const exp = Math.floor(Date.now() / 1000) + 300;
  const token = await signToken({ key, claims: { exp, cnf: { 'x5t#S256': thumbprint(own) } } });
  const trusted = { ca: [authority.cert, next.cert], cert: own.cert, key: own.key };
  const connect = buildConnector({ ...trusted, maxCachedSessions: 0 });
  let shown = '';
  const agent = new Agent({
    connections: 1,
    connect: (target, opened) =>
      connect(target, (...outcome) => {
        const [, socket] = outcome;
        if (socket) shown = String((socket as TLSSocket).getPeerCertificate().subject.CN);
        opened(...outcome);
      }),
  });
  onTestFinished(() => agent.destroy());
  return async (): Promise<[string, number]> => {
    const { statusCode, body } = await request(url, {
      dispatcher: agent,
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ staff { name } }' }),
    });
    await body.dump();
    return [shown, statusCode];
  };
}

test('certificates of the listener are renewed for new connections', async () => {
  const server = await authority.issue('old', 'IP:127.0.0.1');
  const served = await serveTls({ authority, server, key });
  onTestFinished(() => served.close());
  const kinds = () =>
    served.lines.flatMap(({ kind }) => (/^certificates-/.exec(String(kind)) ? [kind] : []));
  const [ours, theirs] = [await authority.issue('a', 'DNS:a'), await next.issue('b', 'DNS:b')];
  const ending = () =>
    served.lines.flatMap(({ kind, level, key, file }) =>
      kind === 'certificate-ends' ? [[level, key, file]] : [],
    );
  const bothEnd = [
    ['warning', 'listen.tls.cert', server.certFile],
    ['warning', 'listen.tls.clientCa', authority.certFile],
  ];
  expect(ending()).toEqual(bothEnd);
  const stays = await createClient(served.url, ours);
  expect(await stays()).toEqual(['old', 200]);
  expect(await (await createClient(served.url, theirs))()).toEqual(['old', 401]);

  const renewed = await next.issue('new', 'IP:127.0.0.1', 60);
  await writeFile(authority.certFile, next.cert);
  await writeFile(server.certFile, renewed.cert);
  // The key is the old one still: nothing is taken up, not the authorities either.
  await served.reload();
  expect(await (await createClient(served.url, ours))()).toEqual(['old', 200]);
  expect(served.lines).toContainEqual(
    expect.objectContaining({ kind: 'certificates-kept', level: 'error' }),
  );

  await writeFile(server.keyFile, renewed.key);
  await served.reload();
  expect(await (await createClient(served.url, theirs))()).toEqual(['new', 200]);
  expect(await (await createClient(served.url, ours))()).toEqual(['new', 401]);
  expect(await stays()).toEqual(['old', 200]);
  expect(kinds()).toEqual(['certificates-kept', 'certificates-loaded']);
  // What is used now is young; the authority still ends within two days.
  expect(ending()).toEqual([...bothEnd, bothEnd[1]]);
});
